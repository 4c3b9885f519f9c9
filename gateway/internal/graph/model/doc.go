// Package model is the client's API as Go types, generated from its schema, with what composition needs beside them.
package model
