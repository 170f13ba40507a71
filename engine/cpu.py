"""The processor level that kernels are compiled for: AVX2's where the host has it.

numba and LLVM neither reorder floating-point operations nor fuse ``a * b + c`` into one rounding
unless fast-math asks them to, and it is off. So a wider level does the same operations on more
numbers at once, and the bytes are the same on every level; the tests compare them.
"""

import numba
from llvmlite import binding

GENERIC = "generic"
V3 = "x86-64-v3"
# What it adds, as LLVM names it (System V ABI for AMD64, section 3.1.1).
V3_FEATURES = ("avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave")


def host_level() -> str:
    """Return x86-64-v3 where the host has all of its features, else generic."""
    has = binding.get_host_cpu_features()
    return V3 if all(has.get(name, False) for name in V3_FEATURES) else GENERIC


def set_level(level: str) -> None:
    """Compile for a level from now on; numba reads it once, before the first kernel.

    The vector library of a vendor, where one is installed, is left out: its last bits differ.
    """
    vars(numba.config).update(CPU_NAME=level, CPU_FEATURES="", DISABLE_INTEL_SVML=True)


def level() -> str:
    """Return the level that kernels are compiled for."""
    return str(vars(numba.config)["CPU_NAME"])
