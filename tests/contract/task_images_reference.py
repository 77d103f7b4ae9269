#!/usr/bin/env python3
"""task_images_reference.py: reads labelled images with numpy and zlib alone and prints one line an image: label, a space, its grey values in hex.

Usage: task_images_reference.py idx IMAGES LABELS | csv FILE (label last) | pathfinder FOLDER | folders FOLDER
"""
import gzip
import pathlib
import struct
import sys
import zlib

import numpy as np


def png(file):
    """An 8-bit PNG that is not interlaced, grey or RGB, by the PNG specification; RGB becomes 0.299 R + 0.587 G + 0.114 B, rounded."""
    data = pathlib.Path(file).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", file
    at, packed = 8, b""
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + n]
        if kind == b"IHDR":
            columns, rows, bits, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            packed += body
        at += 12 + n
    assert bits == 8 and interlace == 0 and colour in (0, 2), file
    step = 3 if colour == 2 else 1
    raw, out = zlib.decompress(packed), np.zeros((rows + 1, (columns + 1) * step), int)  # a row above, a pixel to the left: zeros
    for y in range(rows):
        line = raw[y * (columns * step + 1):(y + 1) * (columns * step + 1)]
        for x, value in enumerate(line[1:]):
            a, b, c = out[y + 1, x], out[y, x + step], out[y, x]
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            out[y + 1, x + step] = (value + [0, a, b, (a + b) // 2, paeth][line[0]]) % 256
    pixels = out[1:, step:]
    if step == 3:
        pixels = np.floor(pixels.reshape(rows, columns, 3) @ [0.299, 0.587, 0.114] + 0.5)
    return pixels.astype(np.uint8)


def show(label, pixels):
    print(label, bytes(pixels.reshape(-1).tolist()).hex())


kind, *files = sys.argv[1:]
if kind == "idx":
    images = np.frombuffer(gzip.open(files[0]).read(), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(gzip.open(files[1]).read(), np.uint8, offset=8)
    for image, label in zip(images, labels):
        show(label, image)
if kind == "csv":
    for row in np.loadtxt(files[0], delimiter=",", dtype=int):
        show(row[-1], row[:-1])
if kind == "pathfinder":
    folder = pathlib.Path(files[0])
    for batch in sorted((folder / "metadata").iterdir()):
        for line in batch.read_text().splitlines():
            sub, name, _, label = line.split()[:4]
            show(label, png(folder / sub / name))
if kind == "folders":
    for number, folder in enumerate(sorted(pathlib.Path(files[0]).iterdir())):
        for file in sorted(folder.iterdir()):
            show(number, png(file))
