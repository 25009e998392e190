# Part of tests/bench/block: table and verdicts on standard output, JSON in the file "json", bars for gnuplot in the file "chart".
# Lines "LAYOUT TARGET CASE READS NANOSECONDS IDLE_NANOSECONDS PAGE_CACHE_KIB"; the n-th of a target is compared with the n-th of another.
# Where the kernel does not tell the idle time (-1), there is no processor time.
# Case "frame", a single read, is what starting and ending a measurement takes.
NF == 7 {
	n = ++rounds[$1, $2, $3]
	reads[$3] = $4; total[$1, $2, $3, n] = $5; idle[$1, $2, $3, n] = $6; cache[$1, $2, $3, n] = $7
	if ($6 < 0) no_idle = 1
}
# Of one series, in the order of the rounds.
function middle(series, layout, target, name,    i, all) {
	for (i = 1; i <= n; i++) all[i] = series[layout, target, name, i]
	return median(all, n)
}
# Nanoseconds of one read in one round, without the frame and the one read in it.
function whole(layout, target, name, i) { return (total[layout, target, name, i] - frame[layout, target]) / (reads[name] - 1) }
function busy(layout, target, name, i) {
	return (total[layout, target, name, i] - idle[layout, target, name, i] - frame_busy[layout, target]) / (reads[name] - 1)
}
# The median of "how many times as fast as the other", and its interval in low and high.
function faster(layout, target, name, other,    i, all, m) {
	for (i = 1; i <= n; i++) all[i] = whole(layout, other, name, i) / whole(layout, target, name, i)
	m = median(all, n); low = all[rank]; high = all[n + 1 - rank]
	return m
}
function median_of(layout, target, name, cpu,    i, all) {
	for (i = 1; i <= n; i++) all[i] = cpu ? busy(layout, target, name, i) : whole(layout, target, name, i)
	return median(all, n)
}
function cpu_ratio(layout, target, name, other,    i, all) {
	for (i = 1; i <= n; i++) all[i] = busy(layout, target, name, i) / busy(layout, other, name, i)
	return median(all, n)
}
# The r-th lowest and highest of n enclose the median with this probability (order statistics).
function coverage(n, r,    i, term, sum) {
	term = 0.5 ^ n; sum = 0
	for (i = 0; i < r; i++) { sum += term; term *= (n - i) / (i + 1) }
	return 1 - 2 * sum
}
function judge(what, name, wanted, got, ok) {
	if (!ok) bad = 1
	verdicts = verdicts sprintf("%-6s %-48s %-26s %8s %8.3f\n", ok ? "ok" : "MISSED", what, name, wanted, got)
	limits = limits sprintf("%s\n    { \"limit\": \"%s\", \"case\": \"%s\", \"wanted\": \"%s\", \"got\": %.4f, \"ok\": %s }", limits == "" ? "" : ",", what, name, wanted, got, ok ? "true" : "false")
}
function at_least(what, name, wanted, got) { judge(what, name, ">= " wanted, got, got >= wanted) }
function at_most(what, name, wanted, got) { judge(what, name, "<= " wanted, got, got <= wanted) }
END {
	for (series in rounds) if (!n || rounds[series] != n) { print "measurements are missing"; exit 1 }
	layouts = split("contiguous fragmented", layout, " ")
	targets = split("raw dm-linear ukiblk loop loop-direct", target, " ")
	cases = split("randread-qd1 randread-qd32 sequential buffered", name, " ")
	for (rank = 1; coverage(n, rank + 1) >= 0.95; rank++) ;
	bad = 0
	for (l = 1; l <= layouts; l++) for (t = 1; t <= targets; t++) {
		L = layout[l]; T = target[t]
		for (i = 1; i <= n; i++) all[i] = total[L, T, "frame", i]
		frame[L, T] = median(all, n)
		for (i = 1; i <= n; i++) all[i] = total[L, T, "frame", i] - idle[L, T, "frame", i]
		frame_busy[L, T] = median(all, n)
	}
	printf "%-26s %-12s %9s %12s %8s %13s %17s %17s %10s\n", "case", "target", "us/read", "instructions", "vs raw", "vs dm-linear", "interval", "cpu vs dm-linear", "cache KiB"
	for (l = 1; l <= layouts; l++) for (c = 1; c <= cases; c++) {
		L = layout[l]; C = name[c]; N = L "-" C
		printf "%s", N > chart
		for (t = 1; t <= targets; t++) {
			T = target[t]
			us = median_of(L, T, C, 0) / 1000
			instructions = no_idle ? "null" : sprintf("%d", median_of(L, T, C, 1) / nanoseconds)
			raw = faster(L, T, C, "raw")
			linear[N, T] = faster(L, T, C, "dm-linear"); upper[N, T] = high
			cpu[N, T] = no_idle ? "null" : sprintf("%.4f", cpu_ratio(L, T, C, "dm-linear"))
			kib[N, T] = middle(cache, L, T, C)
			printf "%-26s %-12s %9.1f %12s %8.3f %13.3f %17s %17s %10d\n", N, T, us, instructions, raw, linear[N, T], sprintf("%.3f to %.3f", low, high), cpu[N, T], kib[N, T]
			rows = rows sprintf("%s\n    { \"case\": \"%s\", \"target\": \"%s\", \"vs_raw\": %.4f, \"vs_dm_linear\": %.4f, \"vs_dm_linear_low\": %.4f, \"vs_dm_linear_high\": %.4f, \"cpu_vs_dm_linear\": %s, \"cache_kib\": %d, \"read_nanoseconds\": %d, \"read_instructions\": %s }",
				rows == "" ? "" : ",", N, T, raw, linear[N, T], low, high, cpu[N, T], kib[N, T], us * 1000, instructions)
			printf " %.4f", linear[N, T] > chart
		}
		printf "\n" > chart
		printf "\n"
		at_least("as fast as dm-linear (end of the interval)", N, 0.97, upper[N, "ukiblk"])
		if (!no_idle) at_most("processor time of dm-linear", N, 1.05, cpu[N, "ukiblk"])
		if (C == "randread-qd1") at_least("faster than loop", N, 1.4, faster(L, "ukiblk", C, "loop"))
		if (C == "randread-qd32") at_least("faster than loop", N, 2.5, faster(L, "ukiblk", C, "loop"))
		if (C == "randread-qd1" || C == "sequential") at_least("faster than loop with direct I/O", N, 1.3, faster(L, "ukiblk", C, "loop-direct"))
		# Half, to the few pages that anybody else may have read.
		if (C == "buffered") at_most("page cache of loop", N, 0.505, kib[N, "ukiblk"] / kib[N, "loop"])
	}
	# Were the clones free, all of them: what a mapping that makes fewer could reach at most.
	N = "fragmented-sequential"
	clone = median_of("contiguous", "dm-linear", "randread-qd1", 0) - median_of("contiguous", "raw", "randread-qd1", 0)
	linear_read = median_of("fragmented", "dm-linear", "sequential", 0)
	ceiling = linear_read / (linear_read - pieces * clone)
	what = sprintf("faster than dm-linear (free clones: %.2f)", ceiling)
	if (ceiling >= 1.3) at_least(what, N, 1.3, linear[N, "ukiblk"])
	else verdicts = verdicts sprintf("%-6s %-48s %-26s %8s %8.3f\n", "-", what, N, ">= 1.3", linear[N, "ukiblk"])
	printf "%d rounds; the interval holds the median with a probability of %.3f; an instruction takes %d ns\n\n", n, coverage(n, rank), nanoseconds
	printf "%-6s %-48s %-26s %8s %8s\n%s", "", "limit", "case", "wanted", "got", verdicts
	printf "{\n  \"kernel\": \"%s\",\n  \"rounds\": %d,\n  \"interval_probability\": %.4f,\n  \"nanoseconds_per_instruction\": %d,\n  \"ceiling_of_fragmented_sequential\": %.4f,\n  \"rows\": [%s\n  ],\n  \"limits\": [%s\n  ]\n}\n",
		kernel, n, coverage(n, rank), nanoseconds, ceiling, rows, limits > json
	exit bad && judged
}
