// Mutants breaks the shipped code in one place at a time, and prints who notices.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"quadrille.dev/proof/mutants"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// choice is which mutants are tried, and how.
type choice struct {
	only, context string
	match         *regexp.Regexp
	list          bool
	parallel      int
}

func read() (choice, error) {
	var c choice
	match := flag.String("match", "", "try those whose names match")
	flag.StringVar(&c.only, "only", "", "try those made by hand, or the mechanical ones: hand, mechanical")
	flag.StringVar(&c.context, "context", "", "try those of one context: billing")
	flag.BoolVar(&c.list, "list", false, "print them, and try none")
	flag.IntVar(&c.parallel, "parallel", 2, "how many to try at once")
	flag.Parse()
	var err error
	c.match, err = regexp.Compile(*match)
	return c, err
}

func (c choice) has(m mutants.Mutant) bool {
	return (c.only == "" || (c.only == "hand") == m.ByHand()) && (c.context == "" || c.context == m.Context()) && c.match.MatchString(m.Name)
}

func run(ctx context.Context) error {
	choice, err := read()
	if err != nil {
		return err
	}
	root, err := root()
	if err != nil {
		return err
	}
	all, stillborn, err := mutants.All(ctx, root)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(m mutants.Mutant) bool { return !choice.has(m) })
	if choice.list {
		for _, m := range chosen {
			fmt.Println(m.Name)
		}
		return nil
	}
	begun := time.Now()
	verdicts, err := try(ctx, root, chosen, choice)
	if err != nil {
		return err
	}
	fmt.Printf("\n%sin %s; %d more would not compile\n", mutants.Count(verdicts), time.Since(begun).Round(time.Second), stillborn)
	return judge(all, verdicts)
}

// judge prints who survives and why, and fails if that is not as it is listed.
func judge(all []mutants.Mutant, verdicts []mutants.Verdict) error {
	survivors, err := mutants.Survivors()
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if reason := survivors[v.Mutant.Name]; v.Caught == "" && reason != "" {
			fmt.Printf("\nsurvives: %s\n%s\n", v.Mutant.Name, reason)
		}
	}
	wrong := mutants.Judge(verdicts, survivors)
	for _, name := range mutants.Gone(all, survivors) {
		wrong = append(wrong, "is listed as a survivor, and is no mutant any more: "+name)
	}
	for _, w := range wrong {
		fmt.Println(w)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%d things are wrong with survivors.txt, or with the proof", len(wrong))
	}
	return nil
}

// root is the root of the repository that the command is run in.
func root() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.work")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("not in a clone of the repository")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// try tries mutants, several at once, and prints what became of each as soon as it is known.
func try(ctx context.Context, root string, chosen []mutants.Mutant, c choice) ([]mutants.Verdict, error) {
	trial, err := mutants.NewTrial(ctx, root, chosen)
	if err != nil {
		return nil, err
	}
	verdicts, err := trial.TryAll(ctx, chosen, c.parallel, func(v mutants.Verdict) { fmt.Println(v) })
	return verdicts, errors.Join(err, trial.Close())
}
