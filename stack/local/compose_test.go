package local

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/internal/provision"
)

const repository = "../.."

func compose(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{repository + "/docker-compose.yml"}, cli.WithWorkingDirectory(repository))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// containers is the wiring of docker-compose.yml.
func containers() wiring {
	w := wiring{
		listen: map[string]string{}, urls: map[string]string{}, databases: map[string]string{}, brokers: map[string]provision.Access{},
		ledger: func(program string) string { return "/var/lib/quadrille/" + program + ".ledger" },
		secret: DevelopmentSecret, console: "http://127.0.0.1:15672",
		operatorConsole: "http://127.0.0.1:8080/console",
	}
	for _, p := range Programs {
		account := p.Name + ":" + DevelopmentSecret(p.Name)
		w.listen[p.Name] = "0.0.0.0:8080"
		w.urls[p.Name] = "http://" + p.Name + ":8080"
		w.databases[p.Name] = fmt.Sprintf("postgres://%s@postgres:5432/%s?sslmode=disable", account, p.Name)
		w.brokers[p.Name] = provision.Access{
			AMQPURL: "amqp://" + account + "@rabbitmq:5672/quadrille", ManagementURL: "http://" + account + "@rabbitmq:15672",
		}
	}
	return w
}

func TestComposeRunsEveryProgramAsTheStackDoes(t *testing.T) {
	project := compose(t)
	for _, p := range Programs {
		service, err := project.GetService(p.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		env := map[string]string{}
		for name, value := range service.Environment {
			if value != nil {
				env[name] = *value
			}
		}
		if diff := cmp.Diff(containers().environment(p), env); diff != "" {
			t.Errorf("environment of %s:\n%s", p.Name, diff)
		}
		if service.Build == nil || *service.Build.Args["PROGRAM"] != p.Name || service.Build.Dockerfile != "Dockerfile" {
			t.Errorf("%s is not built from the Dockerfile", p.Name)
		}
		if service.HealthCheck == nil || !strings.HasSuffix(strings.Join(service.HealthCheck.Test, " "), "/readyz") {
			t.Errorf("%s has no health check of its readiness", p.Name)
		}
	}
}

func TestComposeStartsProgramsAfterTheirServers(t *testing.T) {
	project := compose(t)
	for _, p := range Programs {
		service, err := project.GetService(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, server := range []string{"postgres", "rabbitmq"} {
			if p.speaks() && service.DependsOn[server].Condition != types.ServiceConditionHealthy {
				t.Errorf("%s does not wait for %s to be healthy", p.Name, server)
			}
		}
	}
	for server, image := range map[string]string{"postgres": "postgres:17", "rabbitmq": "rabbitmq:4-management"} {
		service, err := project.GetService(server)
		if err != nil {
			t.Fatal(err)
		}
		if service.Image != image || service.HealthCheck == nil {
			t.Errorf("%s runs %s, health check %v", server, service.Image, service.HealthCheck)
		}
	}
}

func TestComposePublishesOnThisMachineAlone(t *testing.T) {
	for name, service := range compose(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s on %q", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestGeneratedFilesAreFresh(t *testing.T) {
	for path, generate := range map[string]func() ([]byte, error){
		"deploy/rabbitmq/definitions.json": RabbitMQDefinitions,
		"deploy/postgres/databases.sql":    func() ([]byte, error) { return []byte(PostgresScript()), nil },
		"schema/asyncapi.json":             AsyncAPI,
		"docs/contracts.html":              ContractsPage,
	} {
		want, err := generate()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(repository + "/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run make generate", path)
		}
	}
}

func TestComposeMountsWhatIsThere(t *testing.T) {
	for _, service := range compose(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s mounts what is not there: %v", service.Name, err)
			}
		}
	}
}

// climbing is a path that leads to a directory above.
var climbing = regexp.MustCompile(`"((?:\.\./)+[^"?]+)`)

// The web app is built from the files that the Dockerfile copies, and no others.
func TestImagesHaveWhatTheWebAppIsBuiltFrom(t *testing.T) {
	dockerfile, err := os.ReadFile(repository + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	imports := 0
	for _, source := range webSources(t) {
		text, err := os.ReadFile(repository + "/" + source)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range climbing.FindAllStringSubmatch(string(text), -1) {
			from := filepath.Join(filepath.Dir(source), found[1])
			if strings.HasPrefix(from, "web/") || from == "gateway/internal/web/dist" { // where the build goes
				continue
			}
			imports++
			if filepath.Ext(from) != "" {
				from = filepath.Dir(from)
			}
			if !strings.Contains(string(dockerfile), fmt.Sprintf("\nCOPY %s ../%s\n", from, from)) {
				t.Errorf("%s is built from %s, which the image of the web app does not have", source, from)
			}
		}
	}
	if imports == 0 {
		t.Error("no import was found")
	}
}

// webSources are the files that the web app is built from, and those that build it.
func webSources(t *testing.T) (sources []string) {
	t.Helper()
	err := filepath.WalkDir(repository+"/web", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"node_modules", "e2e", "shots"}, entry.Name()):
			return filepath.SkipDir
		case strings.Contains(path, ".test.") || !slices.Contains([]string{".ts", ".tsx", ".mjs"}, filepath.Ext(path)):
			return nil
		}
		source, err := filepath.Rel(repository, path)
		sources = append(sources, source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}
