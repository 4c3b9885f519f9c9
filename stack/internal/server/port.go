// Package server starts and stops private PostgreSQL clusters and RabbitMQ nodes that leave those of the system alone.
package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// PreferredPort is want when nothing listens there, else a free one. Everything binds to 127.0.0.1.
func PreferredPort(want int) (int, error) {
	if reserve(want) {
		return want, nil
	}
	return FreePort()
}

// Free ports are looked for at random, below the range from which the kernel gives ports to outgoing connections: a port found
// there is unlikely to be taken by someone else before its server binds it.
const firstFreePort, lastFreePort = 20000, 32000

// FreePort is a port on which nothing listens. No process that asks this package gets the same one while this process lives.
func FreePort() (int, error) {
	for range 100 {
		if port := firstFreePort + rand.IntN(lastFreePort-firstFreePort); reserve(port) {
			return port, nil
		}
	}
	return 0, errors.New("find a free port: none of a hundred tried is free")
}

// FreePorts answers as many.
func FreePorts(count int) ([]int, error) {
	var ports []int
	for len(ports) < count {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// reserve keeps a free port from all others who ask this package, in this process and beside it: between the moment when a port is
// found free and that when its server listens there, a second stack could find it free too. It is reserved by a socket of that name
// in the kernel's abstract namespace, which lives as long as the process and leaves no file.
func reserve(port int) bool {
	socket, err := net.Listen("unix", fmt.Sprintf("@quadrille.dev/port/%d", port))
	if err != nil {
		return false
	}
	reservations.Store(port, socket)
	return free(port)
}

// reservations keeps the sockets from being collected, which would close them.
var reservations sync.Map

// free tells whether nothing listens on the port, on 127.0.0.1 or on all addresses.
func free(port int) bool {
	for _, host := range []string{"127.0.0.1", ""} {
		listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, port))
		if err != nil {
			return false
		}
		if err := listener.Close(); err != nil {
			return false
		}
	}
	return true
}
