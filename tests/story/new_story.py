"""new_story.py: a plugin is made, built outside of the project, tried, and used."""
import os
import shutil
import subprocess
import unittest

from program import ATTNLAB, Story

# The build folder of the program may be used like a prefix.
PREFIX = os.path.dirname(os.path.dirname(os.path.abspath(ATTNLAB)))
KINDS = ("kernel", "optimizer", "task")


class New(Story):
    def tool(self, *words, folder="."):
        done = subprocess.run(words, capture_output=True, text=True, cwd=self.path(folder),
                              env=self.environment(), timeout=200)
        self.assertEqual(done.returncode, 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self, name, *options):
        self.tool("cmake", "-S", ".", "-B", "build", "-DCMAKE_CXX_FLAGS=-O1 -Wall -Wextra", *options, folder=name)
        said = self.tool("cmake", "--build", "build", folder=name)
        self.assertNotIn("warning", said)
        self.assertIn("100% tests passed", self.tool("ctest", "--test-dir", "build", folder=name))

    def test_one_of_each_kind_builds_is_checked_and_trains(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                name = f"my_own_{kind}2"
                said = self.attnlab("new", kind, name).stdout
                self.assertIn("cmake -S . -B build", said)
                self.assertEqual(sorted(os.listdir(self.path(name))),
                                 ["CMakeLists.txt", "README.md", name + ".cpp", name + ".yaml"])
                self.build(name, f"-Dattnlab_DIR={PREFIX}/lib/cmake/attnlab")
                library = self.path(name, "build", kind, name + ".so")
                kept = self.attnlab("plugins", "--check", library).stdout
                self.assertGreater(len(kept.splitlines()), 3)
                self.assertIn(name, self.attnlab("plugins", "--plugins", f"{name}/build").stdout)
                grid = self.path(name, name + ".yaml")
                done = self.attnlab("run", grid, "--out", "run-" + kind, "--plugins", f"{name}/build")
                self.assertIn("2 trials: 2 done", done.stdout)

    def test_it_builds_with_no_more_than_its_three_commands(self):
        self.attnlab("new", "optimizer", "slow_and_steady")
        self.build("slow_and_steady")

    def test_an_installed_prefix_serves_as_well(self):
        self.tool("cmake", "--install", PREFIX, "--component", "sdk", "--prefix", self.path("prefix"))
        self.attnlab("new", "kernel", "tail")
        shutil.copytree(os.path.join(PREFIX, "bin"), self.path("prefix", "bin"),
                        ignore=lambda _, names: [n for n in names if n != "attnlab"])
        shutil.copytree(os.path.join(PREFIX, "lib", "attnlab"), self.path("prefix", "lib", "attnlab"))
        self.build("tail", f"-DCMAKE_PREFIX_PATH={self.path('prefix')}")
        with open(self.path("tail", "build", "CMakeCache.txt")) as cache:
            self.assertIn(f"attnlab_DIR:PATH={self.path('prefix')}/lib/cmake/attnlab", cache.read())

    def test_wrong_words_write_nothing(self):
        os.mkdir(self.path("taken"))
        for words, sentence in ((("new", "kernel", "a/b"), "is no path"),
                                (("new", "kernel", "../up"), "is no path"),
                                (("new", "kernel", "Upper"), "small letters"),
                                (("new", "kernel", "9lives"), "begins with a letter"),
                                (("new", "kernel", ""), "small letters"),
                                (("new", "kernel", "taken"), "exists already"),
                                (("new", "kernel", "softmax"), "called 'softmax' already"),
                                (("new", "kernal", "good"), "did you mean 'kernel'?")):
            with self.subTest(words=words):
                done = self.attnlab(*words, expect=2)
                self.assertIn(sentence, done.stderr)
        self.assertEqual(os.listdir(self.folder), ["taken"])

    def test_check_tells_a_broken_plugin_from_one_that_is_not_there(self):
        self.attnlab("plugins", "--check", "gone.so", expect=2)
        self.write("text.so", "not a library")
        self.attnlab("plugins", "--check", "text.so", expect=1)
        self.attnlab("new", "optimizer", "frozen")
        with open(self.path("frozen", "frozen.cpp")) as file:
            source = file.read()
        self.write("frozen/frozen.cpp", source.replace("p[i] -= pace * m[i]", "p[i] -= 0 * m[i]")
                   .replace("return n * bytes_per_number", "return n * bytes_per_number - n - 7"))
        self.tool("cmake", "-S", ".", "-B", "build", folder="frozen")
        self.tool("cmake", "--build", "build", folder="frozen")
        done = self.attnlab("plugins", "--check", "frozen/build/optimizer/frozen.so", expect=1)
        self.assertIn("BROKEN", done.stdout)


if __name__ == "__main__":
    unittest.main()
