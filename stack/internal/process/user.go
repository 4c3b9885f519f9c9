package process

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// User is an account of the operating system that a process can run as. A nil *User is the present one.
type User struct {
	Name     string
	uid, gid uint32
}

// Unprivileged is the first of the named accounts that exists, for a program that refuses to run as root; nil unless the present
// user is root.
func Unprivileged(names ...string) (*User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read uid of %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read gid of %s: %w", name, err)
		}
		return &User{Name: name, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("find an account to run as instead of root: none of %q exists", names)
}

func (u *User) credential() *syscall.Credential {
	if u == nil {
		return nil
	}
	return &syscall.Credential{Uid: u.uid, Gid: u.gid}
}

// CanEnter tells whether the user may use files below dir. The answer is the kernel's own, whatever rules it goes by.
func (u *User) CanEnter(dir string) bool {
	if u == nil {
		return true
	}
	cmd := exec.Command("/usr/bin/test", "-x", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	cmd.Dir = "/"
	return cmd.Run() == nil
}

// Own gives a file or directory to the user.
func (u *User) Own(path string) error {
	if u == nil {
		return nil
	}
	if err := os.Chown(path, int(u.uid), int(u.gid)); err != nil {
		return fmt.Errorf("give %s to %s: %w", filepath.Base(path), u.Name, err)
	}
	return nil
}
