package execute

import (
	"math"
	"strconv"
	"time"
)

// AppendNull appends null.
func AppendNull(b []byte) []byte { return append(b, "null"...) }

// AppendBool appends true or false.
func AppendBool(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }

// AppendInt appends a number.
func AppendInt(b []byte, v int32) []byte { return strconv.AppendInt(b, int64(v), 10) }

// AppendFloat appends a number, which must be one.
func AppendFloat(b []byte, v float64) []byte {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return AppendNull(b)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

const hex = "0123456789ABCDEF"

// AppendString appends a string in quotes, with the escapes that JSON asks for and no others.
func AppendString[S ~string](b []byte, s S) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// AppendDateTime appends a moment in UTC, as RFC 3339 with up to microseconds.
func AppendDateTime(b []byte, moment time.Time) []byte {
	moment = moment.UTC()
	year, month, day := moment.Date()
	if year < 0 || year > 9999 {
		return append(moment.AppendFormat(append(b, '"'), "2006-01-02T15:04:05.999999Z07:00"), '"')
	}
	hour, minute, second := moment.Clock()
	b = append(b, '"', byte('0'+year/1000), byte('0'+year/100%10))
	b = append(two(b, year%100), '-')
	b = append(two(b, int(month)), '-')
	b = append(two(b, day), 'T')
	b = append(two(b, hour), ':')
	b = append(two(b, minute), ':')
	b = two(b, second)
	if micro := moment.Nanosecond() / 1000; micro > 0 {
		b = two(two(two(append(b, '.'), micro/10000), micro/100%100), micro%100)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return append(b, 'Z', '"')
}

// two appends a number of two digits.
func two(b []byte, v int) []byte { return append(b, byte('0'+v/10), byte('0'+v%10)) }
