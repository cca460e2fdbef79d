"""Write the test pictures beside this script and goldens.json with what Pillow makes of them.

Made with Python 3.11, pillow==11.3.0 and numpy==2.4.6. Pillow 13.0.0 gives the same but for some resizes: where one side
shrinks much more than the other it runs the vertical pass first, and rounds differently.

    python make_goldens.py          # rewrite files/ and goldens.json
    python make_goldens.py --check  # only compare goldens.json with the installed Pillow

Per picture: the sha256 of the RGB pixels under each policy of core/imaging. "reference" is convert("RGB") (the squash is
tested elsewhere), "faithful" is the EXIF orientation applied, alpha composited over white, 16-bit grey divided by 257.
"""

import hashlib
import io
import json
import random
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent
FILES = HERE / "files"


def noise(seed: int, count: int) -> bytes:
    """Bytes that imaging_test.go can make too: the high bytes of a linear congruential generator."""
    state, out = seed, bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    return bytes(out)


def picture(width: int, height: int, channels: int) -> np.ndarray:
    """A smooth picture with an edge and some grain; the last of 2 or 4 channels serves as alpha from 0 to 255."""
    y, x = np.mgrid[0:height, 0:width]
    layers = []
    for c in range(channels):
        layer = 127 + 90 * np.sin(x / (5 + 3 * c) + c) * np.cos(y / (4 + 2 * c))
        layer[(x + 2 * y) % (11 + c) < 3] = 255 - 80 * c
        layers.append(layer)
    if channels in (2, 4):
        layers[-1] = (x * 9 + y * 5) % 320 - 32
    grain = np.frombuffer(noise(width * height + channels, width * height * channels), np.uint8).reshape(
        height, width, channels
    )
    return np.clip(np.stack(layers, -1) + grain / 16 - 8, 0, 255).astype(np.uint8)


def image(mode: str, width: int = 37, height: int = 23) -> Image.Image:
    """A Pillow image of any mode used here."""
    if mode in ("I;16", "I;16B"):
        values = picture(width, height, 1)[..., 0].astype(np.uint16) * 257 ^ 0x15
        return Image.frombytes(mode, (width, height), values.astype("<u2" if mode == "I;16" else ">u2").tobytes())
    if mode == "I":
        return Image.fromarray(picture(width, height, 1)[..., 0].astype(np.int32) * 2 - 100)
    if mode == "F":
        return Image.fromarray(picture(width, height, 1)[..., 0].astype(np.float32) * 1.37 - 40)
    if mode == "1":
        return Image.fromarray(picture(width, height, 1)[..., 0]).convert("1")
    if mode == "P":
        return Image.fromarray(picture(width, height, 3)).quantize(60)
    if mode == "PA":
        pa = image("P", width, height).convert("PA")
        pa.putalpha(Image.fromarray(picture(width, height, 2)[..., 1]))
        return pa
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBX": 4, "CMYK": 4, "YCbCr": 3}[mode]
    data = picture(width, height, channels)
    return Image.frombytes(mode, (width, height), data.tobytes())


def saved(im: Image.Image, format: str, **options) -> bytes:
    out = io.BytesIO()
    im.save(out, format, **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth, color_type, samples, palette=None, transparency=None, interlaced=False, more=b""):
    """A PNG of any kind; samples is an array (height, width, channels) of integers below 2**depth."""

    def packed(part):
        rows = []
        for row in part:
            flat = row.reshape(-1)
            if depth == 16:
                data = flat.astype(">u2").tobytes()
            elif depth == 8:
                data = flat.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(int(v), f"0{depth}b") for v in flat)
                bits += "0" * (-len(bits) % 8)
                data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
            rows.append(b"\0" + data)
        return b"".join(rows)

    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes]
        body = b"".join(packed(part) for part in parts if part.size)
    else:
        body = packed(samples)
    out = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    )
    out += chunk(b"gAMA", struct.pack(">I", 45455)) + more
    if palette is not None:
        out += chunk(b"PLTE", palette)
    if transparency is not None:
        out += chunk(b"tRNS", transparency)
    return out + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def png_files():
    width, height = 37, 23
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield f"mode-{mode.replace(';', '')}.png", saved(image(mode), "PNG")
    gray = picture(width, height, 1)
    for depth in (1, 2, 4, 8):
        yield f"gray-{depth}bit.png", png(width, height, depth, 0, gray >> (8 - depth))
        yield (
            f"gray-{depth}bit-trns.png",
            png(width, height, depth, 0, gray >> (8 - depth), transparency=struct.pack(">H", (1 << depth) - 1)),
        )
        palette = noise(depth, 3 << depth)
        yield f"palette-{depth}bit.png", png(width, height, depth, 3, gray >> (8 - depth), palette=palette)
        alphas = bytes(range(0, 256, 256 >> depth))[: (1 << depth) - 1]
        yield (
            f"palette-{depth}bit-trns.png",
            png(width, height, depth, 3, gray >> (8 - depth), palette=palette, transparency=alphas),
        )
    yield "palette-4bit-interlaced.png", png(width, height, 4, 3, gray >> 4, palette=noise(9, 48), interlaced=True)
    yield "palette-short.png", png(width, height, 8, 3, gray % 5, palette=noise(3, 15))
    rgb = picture(width, height, 3)
    yield "rgb-interlaced.png", png(width, height, 8, 2, rgb, interlaced=True)
    yield "rgb-trns.png", png(width, height, 8, 2, rgb // 64 * 64, transparency=struct.pack(">HHH", 64, 128, 128))
    wide = np.frombuffer(noise(5, 2 * width * height * 4), ">u2").reshape(height, width, 4)
    yield "gray-16bit.png", png(width, height, 16, 0, wide[..., :1])
    yield (
        "gray-16bit-trns.png",
        png(width, height, 16, 0, wide[..., :1] & 0xF000, transparency=struct.pack(">H", 0xF000)),
    )
    yield "gray-16bit-interlaced.png", png(width, height, 16, 0, wide[..., :1], interlaced=True)
    yield "rgb-16bit.png", png(width, height, 16, 2, wide[..., :3])
    yield "grayalpha-16bit.png", png(width, height, 16, 4, wide[..., :2])
    yield "rgba-16bit.png", png(width, height, 16, 6, wide)
    yield "rgba-interlaced.png", png(width, height, 8, 6, picture(width, height, 4), interlaced=True)
    yield "1x1.png", saved(image("RGBA", 1, 1), "PNG")
    for orientation in range(1, 9):
        yield f"exif-{orientation}.png", saved(image("RGB", 17, 11), "PNG", exif=exif(orientation))
    raw = exif(6).hex()
    profile = f"\nexif\n{len(raw) // 2:8d}\n{raw[:72]}\n{raw[72:]}\n".encode()
    yield (
        "exif-raw-profile.png",
        png(
            17, 11, 8, 2, picture(17, 11, 3), more=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile))
        ),
    )
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
    yield (
        "xmp-orientation.png",
        png(17, 11, 8, 2, picture(17, 11, 3), more=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)),
    )


def jpeg_files():
    rgb = image("RGB", 83, 61)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"{name}.jpg", saved(rgb, "JPEG", quality=88, subsampling=subsampling)
        yield f"{name}-progressive.jpg", saved(rgb, "JPEG", quality=70, subsampling=subsampling, progressive=True)
    yield "420-restart.jpg", saved(rgb, "JPEG", quality=60, restart_marker_blocks=3)
    yield "420-even.jpg", saved(image("RGB", 64, 48), "JPEG", quality=75)
    yield "rgb-kept.jpg", saved(rgb, "JPEG", quality=80, keep_rgb=True)
    yield "gray.jpg", saved(image("L", 45, 67), "JPEG", quality=80)
    yield "gray-progressive.jpg", saved(image("L", 45, 67), "JPEG", quality=80, progressive=True)
    cmyk = saved(image("CMYK", 41, 29), "JPEG", quality=85)
    yield "cmyk.jpg", cmyk
    yield "cmyk-progressive.jpg", saved(image("CMYK", 41, 29), "JPEG", quality=85, progressive=True)
    # The same data declared as YCCK: Adobe's transform byte says 2.
    at = cmyk.index(b"Adobe") + 11
    yield "ycck.jpg", cmyk[:at] + b"\2" + cmyk[at + 1 :]
    at = cmyk.index(b"\xff\xee")
    yield "cmyk-no-adobe.jpg", cmyk[:at] + cmyk[at + 16 :]
    yield "1x1.jpg", saved(image("RGB", 1, 1), "JPEG")
    yield "3000x10.jpg", saved(image("RGB", 3000, 10), "JPEG", quality=40)
    large = image("RGB", 160, 120).resize((640, 480), Image.LANCZOS)  # for the benchmarks
    yield "640x480.jpg", saved(large, "JPEG", quality=85)
    yield "trailing-garbage.jpg", saved(rgb, "JPEG", quality=50) + b"garbage after the end"
    for orientation in range(1, 9):
        yield f"exif-{orientation}.jpg", saved(image("RGB", 35, 21), "JPEG", quality=80, exif=exif(orientation))
    yield "exif-9.jpg", saved(image("RGB", 35, 21), "JPEG", quality=80, exif=exif(9))
    yield (
        "xmp-orientation.jpg",
        saved(image("RGB", 35, 21), "JPEG", quality=80, xmp=b"<tiff:Orientation>6</tiff:Orientation>"),
    )


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def webp_files():
    yield "lossy.webp", saved(image("RGB", 61, 43), "WEBP", quality=70)
    yield "lossy-even.webp", saved(image("RGB", 64, 48), "WEBP", quality=95)
    yield "lossy-alpha.webp", saved(image("RGBA", 61, 43), "WEBP", quality=70)
    yield "lossless.webp", saved(image("RGB"), "WEBP", lossless=True)
    yield "lossless-alpha.webp", saved(image("RGBA"), "WEBP", lossless=True, exact=True)
    yield "1x1.webp", saved(image("RGB", 1, 1), "WEBP")
    frames = [image("RGBA", 40, 30), image("RGBA", 40, 30).rotate(180)]
    yield "animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50, quality=60)
    still = saved(image("RGB", 20, 14), "WEBP", quality=80)[12:]
    frame = (
        struct.pack("<I", 3)[:3]
        + struct.pack("<I", 4)[:3]
        + struct.pack("<I", 19)[:3]
        + struct.pack("<I", 13)[:3]
        + struct.pack("<I", 100)[:3]
        + b"\0"
    )
    header = b"\x12\0\0\0" + struct.pack("<I", 39)[:3] + struct.pack("<I", 29)[:3]
    yield (
        "animated-offset.webp",
        riff(
            riff_chunk(b"VP8X", header),
            riff_chunk(b"ANIM", b"\xff\xff\xff\xff\0\0"),
            riff_chunk(b"ANMF", frame + still),
            riff_chunk(b"ANMF", frame + still),
        ),
    )
    for orientation in range(1, 9):
        yield f"exif-{orientation}.webp", saved(image("RGB", 35, 21), "WEBP", quality=70, exif=exif(orientation))


def gif_files():
    palette = image("P")
    yield "plain.gif", saved(palette, "GIF")
    yield "not-interlaced.gif", saved(palette, "GIF", interlace=0)
    yield "transparency.gif", saved(palette, "GIF", transparency=3)
    yield "gray.gif", saved(image("L"), "GIF")
    yield "bilevel.gif", saved(image("1"), "GIF")
    yield "1x1.gif", saved(image("P", 1, 1), "GIF")
    yield (
        "animated.gif",
        saved(palette, "GIF", save_all=True, append_images=[image("P").rotate(180)], duration=40, transparency=7),
    )
    still = saved(palette, "GIF", transparency=5)
    at = still.index(b",\0\0\0\0")
    yield (
        "frame-inside.gif",
        still[:6] + struct.pack("<HH", 50, 40) + still[10:at] + b"," + struct.pack("<HH", 4, 9) + still[at + 5 :],
    )
    opaque = saved(palette, "GIF")
    at = opaque.index(b",\0\0\0\0")
    yield (
        "frame-inside-opaque.gif",
        opaque[:6] + struct.pack("<HH", 50, 40) + opaque[10:at] + b"," + struct.pack("<HH", 4, 9) + opaque[at + 5 :],
    )
    yield "frame-outside.gif", still[:6] + struct.pack("<HH", 20, 20) + still[10:]


def bmp(width, height, bits, body, *, compression=0, palette=b"", masks=b"", header=40, colors=0):
    info = (
        struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(body), 2835, 2835, colors, 0)
        + masks
    )
    info += b"\0" * (header - len(info))
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + info + palette + body


def bmp_rows(rows):
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


def bmp_files():
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"mode-{mode}.bmp", saved(image(mode), "BMP")
    width, height = 37, 23
    gray = picture(width, height, 1)[..., 0]
    palette16 = b"".join(noise(i, 3) + b"\0" for i in range(16))
    nibbles = np.pad(gray >> 4, ((0, 0), (0, 1)))
    rows4 = [bytes(row[::2] << 4 | row[1::2]) for row in nibbles]
    yield "palette-4bit.bmp", bmp(width, height, 4, bmp_rows(rows4), palette=palette16)
    yield "top-down.bmp", bmp(width, -height, 24, bmp_rows([row.tobytes() for row in picture(width, height, 3)]))
    words = np.frombuffer(noise(7, 2 * width * height), "<u2").reshape(height, width)
    rows16 = bmp_rows([row.tobytes() for row in words])
    yield "555.bmp", bmp(width, height, 16, rows16)
    yield "565.bmp", bmp(width, height, 16, rows16, compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    rgba = picture(width, height, 4)
    yield (
        "bitfields-rgba.bmp",
        bmp(
            width,
            height,
            32,
            rgba.tobytes(),
            compression=3,
            masks=struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000),
            header=124,
        ),
    )
    runs = b""
    flat = gray // 60
    for row in flat:
        x = 0
        while x < width:
            n = 1
            while x + n < width and row[x + n] == row[x]:
                n += 1
            if x == 6:  # one literal run, padded to an even length
                literal = bytes(row[x : x + 5])
                runs += b"\0" + bytes([5]) + literal + b"\0"
                x += 5
                continue
            runs += bytes([n, row[x]])
            x += n
        runs += b"\0\0"
    palette256 = b"".join(noise(i, 3) + b"\0" for i in range(256))
    yield "rle8.bmp", bmp(width, height, 8, runs + b"\0\1", compression=1, palette=palette256)
    core = struct.pack("<IHHHH", 12, width, height, 1, 24)
    body = bmp_rows([row.tobytes() for row in picture(width, height, 3)])
    yield "os2.bmp", b"BM" + struct.pack("<IHHI", 26 + len(body), 0, 0, 26) + core + body


def tiff(order, tags, chunks, offsets_tag, counts_tag):
    """A TIFF with the given tags {number: list of SHORTs} and data chunks."""
    out = bytearray((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 0))
    offsets = []
    for data in chunks:
        offsets.append(len(out))
        out += data
    entries = {tag: ("H", 3, values) for tag, values in tags.items()}
    entries[offsets_tag] = ("I", 4, offsets)
    entries[counts_tag] = ("I", 4, [len(data) for data in chunks])
    directory = b""
    for tag, (code, kind, values) in sorted(entries.items()):
        content = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(content) > 4:
            place = struct.pack(order + "I", len(out))
            out += content
        else:
            place = content.ljust(4, b"\0")
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + place
    out[4:8] = struct.pack(order + "I", len(out))
    return bytes(out) + struct.pack(order + "H", len(entries)) + directory + b"\0\0\0\0"


def tiff_files():
    for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "I;16", "I;16B", "I", "F"):
        yield f"mode-{mode.replace(';', '')}.tif", saved(image(mode), "TIFF")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "tiff_deflate"):
        yield f"rgb-{compression}.tif", saved(image("RGB"), "TIFF", compression=compression)
    yield "rgb-lzw-predictor.tif", saved(image("RGB"), "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield (
        "gray16-deflate-predictor.tif",
        saved(image("I;16"), "TIFF", compression="tiff_adobe_deflate", tiffinfo={317: 2}),
    )
    yield "rgba-deflate-strips.tif", saved(image("RGBA"), "TIFF", compression="tiff_adobe_deflate", tiffinfo={278: 7})
    yield "bilevel-group4.tif", saved(image("1", 61, 43), "TIFF", compression="group4")
    yield "bilevel-group3.tif", saved(image("1", 61, 43), "TIFF", compression="group3")
    yield "bilevel-packbits.tif", saved(image("1", 61, 43), "TIFF", compression="packbits")
    yield "rgb-jpeg.tif", saved(image("RGB", 64, 48), "TIFF", compression="jpeg", quality=80)
    yield "gray-jpeg.tif", saved(image("L", 64, 48), "TIFF", compression="jpeg", quality=80)
    width, height = 37, 23
    rgb, rgba = picture(width, height, 3), picture(width, height, 4)
    base = {256: [width], 257: [height], 259: [1], 262: [2]}
    planes = [rgb[..., c].tobytes() for c in range(3)]
    yield "planar.tif", tiff("<", base | {258: [8] * 3, 277: [3], 284: [2], 278: [height]}, planes, 273, 279)
    padded = np.pad(rgb, ((0, 32 - height), (0, 48 - width), (0, 0)))
    tiles = [padded[y : y + 16, x : x + 16].tobytes() for y in (0, 16) for x in (0, 16, 32)]
    yield "tiled.tif", tiff("<", base | {258: [8] * 3, 277: [3], 322: [16], 323: [16]}, tiles, 324, 325)
    packed = [zlib.compress(tile) for tile in tiles]
    yield (
        "tiled-deflate.tif",
        tiff(">", base | {258: [8] * 3, 277: [3], 322: [16], 323: [16], 259: [8]}, packed, 324, 325),
    )
    wide = np.frombuffer(noise(11, 2 * width * height * 3), np.uint8)
    yield "rgb16-little.tif", tiff("<", base | {258: [16] * 3, 277: [3], 278: [height]}, [wide.tobytes()], 273, 279)
    yield "rgb16-big.tif", tiff(">", base | {258: [16] * 3, 277: [3], 278: [height]}, [wide.tobytes()], 273, 279)
    yield (
        "associated-alpha.tif",
        tiff("<", base | {258: [8] * 4, 277: [4], 338: [1], 278: [height]}, [rgba.tobytes()], 273, 279),
    )
    yield "no-extrasamples.tif", tiff("<", base | {258: [8] * 4, 277: [4], 278: [height]}, [rgba.tobytes()], 273, 279)
    gray = picture(width, height, 1)[..., 0]
    nibbles = np.pad(gray >> 4, ((0, 0), (0, 1)))
    rows4 = b"".join(bytes(row[::2] << 4 | row[1::2]) for row in nibbles)
    yield "gray4.tif", tiff("<", base | {258: [4], 277: [1], 262: [1], 278: [height]}, [rows4], 273, 279)
    yield "gray4-white-is-zero.tif", tiff("<", base | {258: [4], 277: [1], 262: [0], 278: [height]}, [rows4], 273, 279)
    palette = [v * 257 for v in noise(13, 48)]
    yield (
        "palette4.tif",
        tiff("<", base | {258: [4], 277: [1], 262: [3], 320: palette, 278: [height]}, [rows4], 273, 279),
    )
    signed = gray.astype("<i2") * 3 - 200
    yield (
        "int16.tif",
        tiff("<", base | {258: [16], 277: [1], 262: [1], 339: [2], 278: [height]}, [signed.tobytes()], 273, 279),
    )
    for orientation in range(1, 9):
        yield f"orientation-{orientation}.tif", saved(image("RGB", 17, 11), "TIFF", tiffinfo={274: orientation})


def faithful(im: Image.Image) -> Image.Image:
    im = ImageOps.exif_transpose(im)
    if im.mode.startswith("I;16"):
        values = np.array(im.convert("I"), dtype=np.uint32)
        gray = Image.fromarray(((values + 128) // 257).astype(np.uint8))
        if "transparency" in im.info:
            gray = gray.convert("LA")
            gray.putalpha(Image.fromarray(np.where(values == im.info["transparency"], 0, 255).astype(np.uint8)))
        im = gray
    if "A" in im.mode or "a" in im.mode or "transparency" in im.info:
        white = Image.new("RGBA", im.size, "white")
        white.alpha_composite(im.convert("RGBA"))
        im = white
    return im.convert("RGB")


def described(im: Image.Image) -> dict:
    return {"size": list(im.size), "sha256": hashlib.sha256(im.tobytes()).hexdigest()}


def resizes():
    """Sixty random sizes per filter, of noise, up and down and along one side only."""
    filters = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR, "lanczos": Image.LANCZOS, "nearest": Image.NEAREST}
    draw = random.Random(20240229)
    for name, resample in filters.items():
        for i in range(60):
            width, height, to_width, to_height = (draw.randint(1, 2 ** draw.randint(1, 8)) for _ in range(4))
            if i % 10 == 0:
                to_width = width
            if i % 10 == 5:
                to_height = height
            source = Image.frombytes("RGB", (width, height), noise(i, 3 * width * height))
            result = source.resize((to_width, to_height), resample)
            yield {
                "filter": name,
                "seed": i,
                "from": [width, height],
                "to": list(result.size),
                "sha256": hashlib.sha256(result.tobytes()).hexdigest(),
            }


def raws():
    """Raw pixels of every mode, at sizes that do and do not fill bytes."""
    sample_bytes = {
        "LA": 2,
        "RGB": 3,
        "RGBA": 4,
        "RGBX": 4,
        "RGBa": 4,
        "CMYK": 4,
        "YCbCr": 3,
        "I;16": 2,
        "I;16L": 2,
        "I;16B": 2,
        "I": 4,
        "F": 4,
    }
    for mode in ("1", "L", *sample_bytes):
        for width, height in ((1, 1), (13, 7), (64, 33)):
            count = (width + 7) // 8 * height if mode == "1" else width * height * sample_bytes.get(mode, 1)
            data = noise(width, count)
            if mode == "I":  # mostly in and around 0..255
                data = (np.frombuffer(data, "<i4") >> 23).astype("<i4").tobytes()
            if mode == "F":
                data = (np.frombuffer(data, "<u4").astype("<f4") / 2**23 - 100).astype("<f4").tobytes()
            im = Image.frombytes(mode, (width, height), data)
            yield {
                "mode": mode,
                "size": [width, height],
                "seed": width,
                "reference": described(im.convert("RGB")),
                "faithful": described(faithful(im)),
            }


def every_ycbcr():
    """All 65,536 pairs of chroma at a middle luma: YCbCr has tables to get wrong."""
    cb, cr = np.mgrid[0:256, 0:256]
    data = np.stack([np.full_like(cb, 120), cb, cr], -1).astype(np.uint8)
    return described(Image.frombytes("YCbCr", (256, 256), data.tobytes()).convert("RGB"))


def every_alpha():
    """All 65,536 pairs of grey and alpha over white."""
    alpha, gray = np.mgrid[0:256, 0:256]
    return described(
        faithful(Image.frombytes("LA", (256, 256), np.stack([gray, alpha], -1).astype(np.uint8).tobytes()))
    )


def main() -> None:
    check = "--check" in sys.argv
    FILES.mkdir(exist_ok=True)
    if not check:
        for stale in FILES.iterdir():
            stale.unlink()
        for group in (png_files, jpeg_files, webp_files, gif_files, bmp_files, tiff_files):
            for name, data in group():
                (FILES / name).write_bytes(data)
    pictures = []
    for path in sorted(FILES.iterdir()):
        entry = {"file": path.name}
        with Image.open(path) as im:
            entry["reference"] = described(im.convert("RGB"))
        with Image.open(path) as im:
            entry["faithful"] = described(faithful(im))
        pictures.append(entry)
    goldens = {
        "pictures": pictures,
        "resizes": list(resizes()),
        "raws": list(raws()),
        "every_ycbcr": every_ycbcr(),
        "every_alpha": every_alpha(),
    }
    path = HERE / "goldens.json"
    if check:
        known = json.loads(path.read_text())
        for key in goldens:
            old, new = (value if isinstance(value, list) else [value] for value in (known[key], goldens[key]))
            for a, b in zip(old, new, strict=True):
                if a != b:
                    print("differs:", json.dumps(a)[:60], json.dumps(b)[:60])
        return
    lines = [
        f'"{key}": '
        + ("[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value))
        for key, value in goldens.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
