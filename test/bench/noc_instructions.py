#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per flit-hop of the packet network against its budget, counted by Valgrind (so the load of the
machine does not matter). Each case is run at two lengths; the difference has no set-up in it."""
import re
import subprocess
import sys

# k, VCs, buffer, packet, rate, cycles: instructions allowed per flit-hop (all components and the kernel)
BUDGET = {
    (8, 4, 8, 1, 0.001, 20000): 490,
    (8, 4, 8, 1, 0.01, 4000): 380,
    (8, 4, 8, 8, 0.01, 4000): 420,
    (8, 4, 8, 1, 0.2, 2000): 420,
    (8, 4, 8, 8, 0.2, 2000): 310,
    (16, 4, 8, 1, 0.05, 1000): 335,
}


def count(program, case, cycles):
    arguments = [str(value) for value in case[:5]] + [str(cycles)]
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, *arguments],
                         capture_output=True, text=True, check=True)
    simulated, hops = map(int, run.stdout.split())
    return int(re.search(r"refs:\s+([\d,]+)", run.stderr).group(1).replace(",", "")), hops


def main():
    over = 0
    print(f"{'mesh':>7} {'VCs':>3} {'packet':>6} {'rate':>6} {'instructions/flit-hop':>22} {'budget':>7}")
    for case, budget in BUDGET.items():
        short, long = (count(sys.argv[1], case, cycles) for cycles in (case[5], 3 * case[5]))
        each = (long[0] - short[0]) / (long[1] - short[1])
        over += each > budget
        print(f"{case[0]:>4}x{case[0]:<2} {case[1]:>3} {case[3]:>6} {case[4]:>6} {each:>22.0f} {budget:>7}"
              f"{'  OVER' if each > budget else ''}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
