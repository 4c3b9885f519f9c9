//go:build !race

package allocate

const race = false
