# What the logs of test runs say: for script/test, and for tests/harness.bats, which tests it.
# shellcheck shell=bash

# Prints what a log says about failures: in TAP the failed tests with their comments, otherwise its end
# without the tests that passed.
report() { # LOG
	if grep -q '^\([0-9]*: \)\?not ok' "$1"; then
		awk '{ line = $0; sub(/^[0-9]+: /, "", line) }
			line ~ /^not ok/ { on = 1; print "    " line; next }
			line ~ /^(ok|[0-9]+\.\.)/ { on = 0 }
			on && line ~ /^#/ { print "    " line }
			!on && line ~ /left running|stopped after|Sanitizer|runtime error/ { print "    " line }' "$1"
	else
		grep -v '^ok ' "$1" | tail -n 40 | sed 's/^/    /'
	fi
}

# Counts the tests in a log of TAP: prints PASSED FAILED SKIPPED. Tests of the plan that never came
# and a failing status that no test explains are failures too.
count_tap() { # LOG STATUS
	awk -v status="$2" '
		/^1\.\.[0-9]+/ { plan = substr($1, 4) }
		/^ok .*# skip/ { skipped++; next }
		/^ok / { passed++ }
		/^not ok / { failed++ }
		END {
			if (plan > passed + failed + skipped)
				failed += plan - passed - failed - skipped
			if (status != 0 && !failed)
				failed = 1
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

# The same for what ctest -V prints: unit tests speak TAP, and each test that does not (the fuzz
# targets), or that ended badly without saying which of its own failed, counts as one. cmocka says "not ok" of
# what it skips.
count_ctest() { # LOG STATUS
	awk -v status="$2" '
		/^[0-9]+: (not )?ok .*# [Ss][Kk][Ii][Pp]/ { skipped++; seen[$1 + 0]++; next }
		/^[0-9]+: ok / { passed++; seen[$1 + 0]++ }
		/^[0-9]+: not ok / { failed++; bad[$1 + 0]++; seen[$1 + 0]++ }
		/^ *[0-9]+\/[0-9]+ Test +#[0-9]+:/ {
			sub(/.*#/, "")
			n = $0 + 0
			if ($0 ~ / Passed +[0-9]/) {
				if (!seen[n]) passed++
			} else if (!bad[n])
				failed++
		}
		END {
			if (status != 0 && !failed)
				failed = 1
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}
