#!/bin/sh
# SPDX-License-Identifier: MIT
# nocsim trace from outside: exit codes, messages, and that importing a dump gives the trace back.
#
#   run.sh NOCSIM        from the project's folder
#
# Each `expect CODE PATTERN ARGUMENTS...` runs `nocsim trace ARGUMENTS`: the exit code must be CODE and what is said must
# match PATTERN (grep -E).
set -u
nocsim=$1
root=$PWD
case $nocsim in /*) ;; *) nocsim=$root/$nocsim ;; esac
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT && cd "$scratch" || exit 1
passed=0 failed=0

tell() {
    echo "FAILED: $*"
    failed=$((failed + 1))
}

expect() {
    code=$1 pattern=$2
    shift 2
    said=$("$nocsim" trace "$@" 2>&1 </dev/null)
    got=$?
    if [ "$got" -ne "$code" ]; then
        tell "nocsim trace $*: exit code $got, not $code: $said"
    elif ! printf '%s\n' "$said" | grep -qE -e "$pattern"; then
        tell "nocsim trace $*: no '$pattern' in: $said"
    else
        passed=$((passed + 1))
    fi
}

# The CSV on standard input as bad.csv, imported for a network 3-2.
expect_csv() {
    cat >bad.csv
    code=$1 pattern=$2
    shift 2
    expect "$code" "$pattern" import --layer in:3 --layer out:2 -o bad.spk "$@" bad.csv
    [ ! -e bad.spk ] || tell "a failed import left bad.spk"
    rm -f bad.spk
}

same() {
    if cmp -s "$1" "$2"; then passed=$((passed + 1)); else tell "$1 and $2 differ"; fi
}

# --- command line
expect 1 "a subcommand is missing"
expect 1 "unknown subcommand 'inof' \(did you mean 'info'\?\)" inof
expect 0 "^Subcommands" --help
for command in info dump check import; do
    expect 0 "^Usage: nocsim trace $command" "$command" --help
    expect 1 "unknown option '--bogus'" "$command" --bogus
    expect 1 "unknown option '-z'" "$command" -z
done
expect 1 "which trace\?" info
expect 1 "one trace at a time" dump a b
expect 1 "a trace file is missing" check
expect 1 "text or json" info --format csv x.spk
expect 1 "text, json or csv" dump --format yaml x.spk
expect 1 "option '--format' needs a value" dump --format
for range in 0 3:3 4:2 x 1:x : -1 1:2:3 "" " 1" 99999999999999999999; do
    case $range in
    :) ;; # everything
    *) expect 1 "--samples takes N or a:b, not" dump --samples="$range" x.spk ;;
    esac
done
expect 4 "missing.spk: cannot open: No such file" check missing.spk
expect 4 "not a regular file" info "$scratch"

# --- import
printf 'sample,layer,timestep,neuron\n0,0,0,0\n0,0,1,2\n\n1,1,2,1\r\n0,0,0,1\n' >small.csv
printf 'sample,label\n1,1\n' >labels.csv
expect 0 "small.spk: 2 samples of 3 timesteps" import --layer in:3 --layer out:2 --labels labels.csv \
    --meta name=small -o small.spk small.csv
expect 4 "small.spk: exists already" import --layer in:3 --layer out:2 -o small.spk small.csv
expect 0 "2 samples" import --layer in:3 --layer out:2 --labels labels.csv --meta name=small --force -o small.spk small.csv
expect 0 "^small.spk: ok \(2 samples, 2 layers\)" check small.spk
expect 0 "samples: 2 \(1 labelled\) of 3 timesteps" info small.spk
expect 0 "can be run: replay" info small.spk
expect 0 '"labelled": 1' info --format json small.spk
expect 0 "layer 0 timestep 0: 0 1" dump small.spk
expect 0 '\[1, 2, \[1\]\]' dump --format json small.spk
"$nocsim" trace dump --format json small.spk >small.json
if command -v python3 >/dev/null && ! python3 -m json.tool small.json >/dev/null; then tell "dump --format json is not JSON"; fi
printf 'sample,layer,timestep,neuron\n0,0,0,0\n0,0,0,1\n0,0,1,2\n1,1,2,1\n' >sorted.csv
"$nocsim" trace dump --format csv small.spk >dumped.csv
same dumped.csv sorted.csv
expect 0 "^1,1,2,1$" dump --format csv --layer out small.spk
expect 0 "^1,1,2,1$" dump --format csv --layer 1 --samples 1:2 small.spk
expect 1 "sample 1: the trace has 1|sample 2: the trace has 2" dump --samples 3 small.spk
expect 1 "sample 2: the trace has 2" dump --samples 2: small.spk
expect 1 "no such layer" dump --layer 2 small.spk
expect 0 "5 samples of 9 timesteps" import --layer in:3 --layer out:2 --samples 5 --timesteps 9 -o more.spk small.csv
expect 1 "given by --layer" import -o x.spk small.csv
expect 1 "given by --layer" import --layer a:1 --like small.spk -o x.spk small.csv
expect 1 "output is missing" import --layer a:1 small.csv
for layer in a a: :3 a:0 a:-1 a:x a:16777217 a:3x; do
    expect 1 "--layer takes NAME:NEURONS" import --layer "$layer" -o x.spk small.csv
done
expect 1 "KEY=VALUE" import --layer a:1 --meta timesteps=3 -o x.spk small.csv
expect 1 "number from 1 to 65536" import --layer a:1 --timesteps 65537 -o x.spk small.csv
expect 2 "layer\(1 'a'\): layer 0 has the same name" import --layer a:1 --layer a:1 -o x.spk small.csv
expect 4 "nowhere/x.spk: cannot be created \(first as .*\): No such file" import --layer in:3 --layer out:2 -o nowhere/x.spk small.csv

expect_csv 2 "bad.csv:2:1: this spike is given twice" <<'END'
0,0,0,1
0,0,0,1
END
expect_csv 2 "bad.csv:1:3: layer 2 >= 2 layers" <<'END'
0,2,0,1
END
expect_csv 2 "bad.csv:2:7: neuron 3 >= 3 neurons of layer 0 'in'" <<'END'
0,0,0,2
0,0,0,3
END
expect_csv 2 "bad.csv:1:5: timestep 2 >= 2 timesteps" --timesteps 2 <<'END'
0,0,2,1
END
expect_csv 2 "bad.csv:1:1: sample 2 >= 2 samples" --samples 2 <<'END'
2,0,0,1
END
expect_csv 2 "bad.csv:1:1: sample 99999999 >= .*--samples allows more" <<'END'
99999999,0,0,1
END
expect_csv 2 "bad.csv:1:7: neuron is missing" <<'END'
0,0,0
END
expect_csv 2 "bad.csv:1:7: neuron is not the last number" <<'END'
0,0,0,1,5
END
expect_csv 2 "bad.csv:1:1: sample is too large" <<'END'
99999999999999999999,0,0,1
END
expect_csv 2 "bad.csv:1:3: layer is not a whole number" <<'END'
0,-1,0,1
END
expect_csv 2 "bad.csv:2:1: sample is not a whole number" <<'END'
0,0,0,1
sample,layer,timestep,neuron
END
expect_csv 2 "bad.csv: no spikes: how many samples" </dev/null
expect_csv 2 "bad.csv: no spikes: how many timesteps" --samples 1 </dev/null
seq 1 1000 >numbers
expect_csv 2 "gave up after 20 faults" <numbers
head -c 100000 /dev/zero >zeros
expect_csv 2 "bad.csv:1: the line is longer" <zeros
printf '5,1\n' >wild.csv
expect 2 "wild.csv:1:1: sample 5 >= 2 samples" import --layer in:3 --layer out:2 --labels wild.csv -o x.spk small.csv
printf '0,2\n' >wild.csv
expect 2 "wild.csv:1:3: label 2 >= 2 neurons" import --layer in:3 --layer out:2 --labels wild.csv -o x.spk small.csv

# --- importing a dump gives the trace back, in the order of the trace and in any other
round_trip() {
    "$nocsim" trace dump --format csv "$1" >once.csv || tell "dump of $1"
    sort -t, -k4,4nr -k3,3n -k1,1n once.csv | grep -v sample >mixed.csv
    for csv in once.csv mixed.csv; do
        expect 0 "samples of" import --like "$1" --force -o again.spk "$csv"
        expect 0 "ok" check again.spk
        "$nocsim" trace dump --format csv again.spk >twice.csv
        same once.csv twice.csv
        for file in "$1" again.spk; do
            "$nocsim" trace info --format json "$file" | grep -v -e '"trace":' -e '"bytes":' >"$(basename "$file").json"
        done
        same "$(basename "$1").json" again.spk.json
        "$nocsim" trace dump --format json "$1" | grep -v '"trace":' | cksum >a
        "$nocsim" trace dump --format json again.spk | grep -v '"trace":' | cksum >b
        same a b
        [ -e first.spk ] || cp again.spk first.spk
        same first.spk again.spk
    done
    rm -f first.spk
}
round_trip "$scratch/small.spk"
for file in "$root"/test/fuzz/corpus/trace/replay.spk "$root"/test/fuzz/corpus/trace/wide.spk \
    "$root"/test/fuzz/corpus/trace/attributes.spk; do
    round_trip "$file"
done

# --- where it is written to
if [ -w /dev/full ]; then
    "$nocsim" trace dump --format csv small.spk >/dev/full 2>said
    if [ $? -ne 4 ] || ! grep -q "No space left" said; then tell "a full disk under dump: $(cat said)"; fi
fi
for file in *.nocsim-partial; do
    [ ! -e "$file" ] || tell "a partial file is left: $file"
done

echo "nocsim trace: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
