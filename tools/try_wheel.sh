#!/usr/bin/env bash
# Installs a wheel into an empty environment, without a compiler or this tree in reach, and searches with it.
# usage: tools/try_wheel.sh WHEEL
set -euo pipefail
wheel=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check "$wheel"
cd "$folder"
env -i PATH=/nowhere HOME="$folder" "$folder/venv/bin/python" -I - <<'PY'
import io

from PIL import Image as Pillow

from innerspace import framework as sl


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


image = Image()
space = sl.ImageSpace(image=image.image + image.description)
index = sl.Index(space)
source = sl.InMemorySource(image)
app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
for kind in ("png", "jpeg", "webp"):
    encoded = io.BytesIO()
    Pillow.new("RGB", (320, 240), {"png": "red", "jpeg": "lime", "webp": "blue"}[kind]).save(encoded, kind)
    source.put({"id": kind, "image": encoded.getvalue()})
query = sl.Query(index).find(image).similar(space.image, sl.Param("picture")).select_all()
frame = sl.PandasConverter.to_pandas(app.query(query, picture=Pillow.new("RGB", (320, 240), "red")))
print(frame[["id", "similarity_score", "rank"]])
assert frame["id"][0] == "png" and abs(frame["similarity_score"][0] - 1) < 1e-6, frame
PY
env -i PATH=/nowhere HOME="$folder" "$folder/venv/bin/innerspace" models check embedded
du -sh "$folder/venv/lib" | sed 's/\t.*/ in the environment, dependencies included/'
