"""Builds the one compiled part, ``converter/lanes``, where that can be done. Everything else is in pyproject.toml.

Optional: without a compiler, or with one that lacks vector extensions (MSVC), Offlite is installed without it, and only
converts models more slowly. It includes no Python header and has no PyInit function: ctypes loads it.
"""

from __future__ import annotations

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Every rounding stays where llama.cpp has it: nothing contracted, nothing reordered. These come behind the flags of the
# environment and of Python's own build, and so win over them.
FLAGS = ["-O3", "-g0", "-fno-fast-math", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]


class BuildLibrary(build_ext):
    """Build a library that is no Python module: on Windows the linker would be told to export PyInit."""

    def get_export_symbols(self, ext: Extension) -> list[str]:
        return list(ext.export_symbols)


setup(
    cmdclass={"build_ext": BuildLibrary},
    ext_modules=[
        Extension(
            "converter.lanes._lanes",
            sources=["converter/lanes/lanes.c"],
            depends=["converter/lanes/kernel.h"],
            extra_compile_args=FLAGS,
            py_limited_api=True,  # one file for every Python, as nothing of Python is in it
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
