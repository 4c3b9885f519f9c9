# syntax=docker/dockerfile:1
# One image per program: docker build --build-arg PROGRAM=ordering .

FROM node:20-alpine AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci
COPY web ./
# The playground's tabs are these documents.
COPY gateway/testdata/operations ../gateway/testdata/operations
COPY schema/graphql ../schema/graphql
RUN npm run build

FROM golang:1.26 AS build
WORKDIR /src
COPY . .
# The gateway embeds the web app.
COPY --from=web /src/gateway/internal/web/dist/ gateway/internal/web/dist/
# What the programs call their version: the commit, say.
ARG VERSION
# All programs in one go: their images share this layer.
RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod \
    CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X quadrille.dev/platform/serve.version=${VERSION}" -o /out/ \
    ./services/*/cmd/* ./gateway/cmd/gateway ./stack/cmd/provider ./stack/cmd/carrier ./stack/cmd/quadrille

FROM alpine:3.22
RUN adduser -D -u 10001 quadrille && install -d -o quadrille -g quadrille /var/lib/quadrille
ARG PROGRAM
COPY --from=build /out/${PROGRAM} /usr/local/bin/program
USER quadrille
ENV LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/program"]
