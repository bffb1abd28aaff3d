#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the shell commands of a CI snippet, in order, as one script. steps.py github|gitlab|jenkins FILE"""
import re
import sys
import textwrap

kind, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    text = file.read()

if kind == "jenkins":
    # No Groovy here: its shell blocks are what is run, and brackets must at least match.
    for opening, closing in ("{}", "()"):
        assert text.count(opening) == text.count(closing), f"unbalanced {opening}{closing}"
    print("set -e")
    for block in re.findall(r"'''(.*?)'''", text, re.DOTALL):
        print(textwrap.dedent(block).strip())
else:
    import yaml

    document = yaml.safe_load(text)
    print("set -e")
    if kind == "github":
        (job,) = document["jobs"].values()
        for step in job["steps"]:
            assert "uses" in step or "run" in step, step
            for name, value in step.get("env", {}).items():
                assert value.startswith("${{ github."), value
                print(f'{name}=$GITHUB_EXPRESSION_{name}')
            print(step.get("run", ""))
    else:
        (job,) = document.values()
        assert job["artifacts"]["reports"]["junit"] == "gate-results/junit.xml"
        print("\n".join(job["script"]))
