#!/usr/bin/env python3
"""derive.py LOG: the clicks of a combined access log as JSON lines, by other means than the Go code, and `bad N` for a bad line.

nginx.log and httpd.log are what nginx 1.22.1 and Apache httpd 2.4.71 wrote when asked for odd things; *.expected is this
script's output for them.
"""
import json
import re
import sys

FIELD = rb'"((?:[^"\\]|\\.)*)"'
LINE = re.compile(rb'^\S+ \S+ .+ \[[^\[\]]+\] ' + FIELD + rb' (\d+|-) (\d+|-) ' + FIELD + rb' ' + FIELD + rb'$')
ESCAPE = re.compile(rb'\\(x[0-9A-Fa-f]{2}|[abfnrtv"\\])')
NAMED = dict(zip(b'abfnrtv"\\', b'\a\b\f\n\r\t\v"\\'))


def unescape(b):
    def one(m):
        e = m[1]
        return bytes([int(e[1:], 16) if e[0] == ord('x') else NAMED[e[0]]])
    return ESCAPE.sub(one, b)


for number, line in enumerate(open(sys.argv[1], 'rb'), 1):
    m = LINE.match(line.rstrip(b'\r\n'))
    request = unescape(m[1]).split(b' ') if m else []
    if len(request) != 3 or not request[1] or not request[2].startswith(b'HTTP/'):
        print('bad', number)
        continue
    referrer = b'' if m[4] == b'-' else unescape(m[4])
    click = {'resource': request[1].decode(errors='replace'), 'referrer': referrer.decode(errors='replace')}
    print(json.dumps(click, ensure_ascii=False, separators=(',', ':')))
