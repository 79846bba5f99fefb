#!/usr/bin/env python3
"""make_data.py DSLABS_DATA OUT - MovieLens small as two CSV files, out of the R package dslabs.

Debian's r-cran-dslabs keeps its data sets in R's lazy-load form: Rdata.rdx is a compressed index of
(offset, length) pairs into Rdata.rdb, each piece compressed on its own and holding one R object in
XDR serialisation. This reader knows as much of that as a data frame needs (pair lists, strings,
numbers, factors, attributes) and refuses anything else by name, so it cannot misread silently.

Writes OUT/ratings.csv  user,item,value,time          one line a rating, time in seconds since 1970
       OUT/items.csv    id,title,year,genres          genres separated by |
and checks the published counts. Python's standard library only.

The format: "R Internals", chapters "Serialization Formats" and "Lazy loading".
"""
import bz2
import csv
import gzip
import lzma
import os
import struct
import sys
import zlib

RATINGS, PEOPLE, FILMS = 100_004, 671, 9_066

# Types of R objects (R Internals 1.1), and pseudo-types that serialisation adds.
SYMBOL, PAIRLIST, CHARSXP, LOGICAL, INTEGER, REAL, STRING, VECTOR = 1, 2, 9, 10, 13, 14, 16, 19
ALTREP, NULL, REFERENCE = 238, 254, 255
NA_INTEGER = -(2 ** 31)


class Unserialize:
    """Reads one R object from XDR bytes. A vector with attributes becomes (values, attributes)."""

    def __init__(self, data):
        if data[:2] != b"X\n":
            raise ValueError("not R's XDR serialisation")
        self.data, self.at, self.references = data, 2, []
        version, _writer, _reader = self.ints(3)
        if version == 3:
            encoding_bytes, = self.ints(1)
            self.at += encoding_bytes
        elif version != 2:
            raise ValueError(f"serialisation version {version}")

    def ints(self, n):
        values = struct.unpack_from(f">{n}i", self.data, self.at)
        self.at += 4 * n
        return values

    def read(self):
        flags, = self.ints(1)
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind == NULL:
            return None
        if kind == REFERENCE:
            return self.references[(flags >> 8) - 1 if flags >> 8 else self.ints(1)[0] - 1]
        if kind == SYMBOL:
            name = self.read()
            self.references.append(name)
            return name
        if kind == PAIRLIST:
            return self.pairlist(has_attributes, has_tag)
        values = self.vector(kind)
        return (values, self.read()) if has_attributes and kind != CHARSXP else values

    def pairlist(self, has_attributes, has_tag):
        """A linked list of tag and value, as a dictionary."""
        out = {}
        while True:
            if has_attributes:
                self.read()
            tag = self.read() if has_tag else len(out)
            out[tag] = self.read()
            flags, = self.ints(1)
            if flags & 255 == NULL:
                return out
            if flags & 255 != PAIRLIST:
                raise ValueError(f"a pair list goes on with type {flags & 255}")
            has_attributes, has_tag = flags & 512, flags & 1024

    def vector(self, kind):
        if kind == ALTREP:
            return self.altrep()
        n, = self.ints(1)
        if kind == CHARSXP:
            if n == -1:
                return None
            text = self.data[self.at:self.at + n].decode("utf-8")
            self.at += n
            return text
        if kind in (INTEGER, LOGICAL):
            return [None if x == NA_INTEGER else x for x in self.ints(n)]
        if kind == REAL:
            values = struct.unpack_from(f">{n}d", self.data, self.at)
            self.at += 8 * n
            return list(values)
        if kind in (STRING, VECTOR):
            return [self.read() for _ in range(n)]
        raise ValueError(f"an R object of type {kind}, which a data frame does not hold")

    def altrep(self):
        """Compact sequences (row names) are the only lazy vectors that occur."""
        info, state, _attributes = self.read(), self.read(), self.read()
        name = next(iter(info.values()))
        if name != "compact_intseq":
            raise ValueError(f"a lazy vector of class {name}")
        n, start, step = (int(x) for x in state)
        return list(range(start, start + n * step, step))


def unpack(piece):
    """One piece of the .rdb file: 4 bytes of length, then a letter that names the method, or zlib."""
    size, = struct.unpack(">I", piece[:4])
    method, body = piece[4:5], piece[5:]
    if method == b"2":
        data = bz2.decompress(body)
    elif method == b"Z":
        data = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2}]).decompress(body)
    elif method == b"0":
        data = body
    else:
        data = zlib.decompress(piece[4:])
    if len(data) != size:
        raise ValueError(f"a piece unpacks to {len(data)} bytes, not {size}")
    return data


def read_frame(folder, name):
    """A data frame of a lazy-load data base: {column: values}; factors become their labels."""
    with open(os.path.join(folder, "Rdata.rdx"), "rb") as f:
        index = Unserialize(gzip.decompress(f.read())).read()
    index = dict(zip(index[1]["names"], index[0]))
    variables = dict(zip(index["variables"][1]["names"], index["variables"][0]))
    offset, length = variables[name]
    with open(os.path.join(folder, "Rdata.rdb"), "rb") as f:
        f.seek(offset)
        columns, attributes = Unserialize(unpack(f.read(length))).read()
    return {n: labels(c) for n, c in zip(attributes["names"], columns)}


def labels(column):
    if isinstance(column, tuple):
        codes, attributes = column
        if "levels" in attributes:
            return [None if code is None else attributes["levels"][code - 1] for code in codes]
        return codes
    return column


def write_csv(path, header, rows):
    """Writes beside the name and renames, so that a half-written file never has the name."""
    with open(path + ".part", "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    os.replace(path + ".part", path)


def films_of(frame):
    films = {}
    for item, title, year, genres in zip(frame["movieId"], frame["title"], frame["year"], frame["genres"]):
        tags = "" if genres in (None, "(no genres listed)") else genres
        films[item] = (item, title or f"Film {item}", "" if year is None else year, tags)
    return [films[item] for item in sorted(films)]


def main(folder, out):
    frame = read_frame(folder, "movielens")
    ratings = list(zip(frame["userId"], frame["movieId"], (f"{x:g}" for x in frame["rating"]), frame["timestamp"]))
    films, people = films_of(frame), len(set(frame["userId"]))
    if (len(ratings), people, len(films)) != (RATINGS, PEOPLE, FILMS):
        sys.exit(f"make_data.py: {len(ratings)} ratings of {len(films)} films by {people} people; "
                 f"expected {RATINGS}, {FILMS}, {PEOPLE}")
    os.makedirs(out, exist_ok=True)
    write_csv(os.path.join(out, "items.csv"), ("id", "title", "year", "genres"), films)
    write_csv(os.path.join(out, "ratings.csv"), ("user", "item", "value", "time"), ratings)
    print(f"{len(ratings):,} ratings of {len(films):,} films by {people} people: {out}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
