// Package execute executes operations by plans, breadth first: gqlgen's resolvers, directives and errors by another way through them.
//
// A plan is made once for each text, operation and shape of @skip and @include: what is selected of each type at each place, with names already
// written as JSON. An execution goes level by level: it walks the objects at hand down to the fields that resolvers answer, has all of these
// resolved at the same time, each in one call for all objects wherever they are, and goes on with what was answered. At the end everything is
// appended to one buffer. What depends on types (walking, resolving, writing) is generated beside gqlgen's own code by gateway/internal/generate.
//
// Resolving one field of all objects of a level together is the idea of Shopify's Cardinal: https://shopify.engineering/faster-breadth-first-graphql-execution.
//
// Introspection and @defer are left to gqlgen's executor, and counted: see Plans.For. Field and root-field interceptors of gqlgen are not called:
// the gateway has none.
package execute
