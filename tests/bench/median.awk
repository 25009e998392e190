# Shared by the reports: the median of array[1 ... n], which gets sorted.
function median(array, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && array[j - 1] > array[j]; j--) { t = array[j]; array[j] = array[j - 1]; array[j - 1] = t }
	return n % 2 ? array[(n + 1) / 2] : (array[n / 2] + array[n / 2 + 1]) / 2
}
