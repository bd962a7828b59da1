/* W1 in C for one thread, over the same data, with the assumptions of the loops in order (workloads/w1/loops.mjs). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "random.h"

enum { SENSORS = 1000, STRIDE = 8, ROWS_PER_WINDOW = 1000000, BATCH_ROWS = 10000, PASSES = 3 };
static const double SHIFT = 25;

static double figures[SENSORS * STRIDE];
static struct { double rows, n, n_by_window, n_by_sensor, total, mean, low, high, sd; } sums;

static void reset(void) {
  for (int o = 0; o < SENSORS * STRIDE; o += STRIDE) {
    figures[o] = figures[o + 1] = figures[o + 2] = 0;
    figures[o + 3] = INFINITY;
    figures[o + 4] = -INFINITY;
  }
}

static void close_window(int window) {
  for (int sensor = 0; sensor < SENSORS; sensor++) {
    const double *f = figures + sensor * STRIDE;
    const double n = f[0], total = f[1];
    if (n == 0) continue;
    const double variance = n > 1 ? (f[2] - total * total / n) / (n - 1) : 0;
    sums.rows++;
    sums.n += n;
    sums.n_by_window += n * (1 + window);
    sums.n_by_sensor += n * sensor;
    sums.total += total + SHIFT * n;
    sums.mean += SHIFT + total / n;
    sums.low += f[3];
    sums.high += f[4];
    sums.sd += sqrt(variance > 0 ? variance : 0);
  }
  reset();
}

__attribute__((noinline)) static void add_rows(const int32_t *sensor, const double *value, int rows) {
  for (int i = 0; i < rows; i++) {
    double *f = figures + (size_t)sensor[i] * STRIDE;
    const double x = value[i], y = x - SHIFT;
    f[0] += 1;
    f[1] += y;
    f[2] += y * y;
    f[3] = x < f[3] ? x : f[3];
    f[4] = x > f[4] ? x : f[4];
  }
}

int main(int argc, char **argv) {
  const int rows = argc > 1 ? atoi(argv[1]) : 10000000;
  int32_t *sensor = malloc(rows * sizeof *sensor);
  double *value = malloc(rows * sizeof *value);
  random_state = 0x9e3779b9;
  for (int i = 0; i < rows; i++) {
    sensor[i] = next_random() % SENSORS;
    value[i] = 20 + next_random() / 4294967296.0 * 10;
  }
  double ms = 0;
  /* The last pass counts: by then everything is warm. */
  for (int pass = 0; pass < PASSES; pass++) {
    sums = (typeof(sums)){0};
    reset();
    const double start_ms = now_ms();
    for (int from = 0; from < rows; from += BATCH_ROWS) {
      add_rows(sensor + from, value + from, rows - from < BATCH_ROWS ? rows - from : BATCH_ROWS);
      if ((from + BATCH_ROWS) % ROWS_PER_WINDOW == 0 || from + BATCH_ROWS >= rows) close_window(from / ROWS_PER_WINDOW);
    }
    ms = now_ms() - start_ms;
  }
  printf("{\"ms\":%.4f,\"rows\":%.17g,\"n\":%.17g,\"nByWindow\":%.17g,\"nBySensor\":%.17g,\"total\":%.17g,\"mean\":%.17g,"
         "\"low\":%.17g,\"high\":%.17g,\"sd\":%.17g}\n",
         ms, sums.rows, sums.n, sums.n_by_window, sums.n_by_sensor, sums.total, sums.mean, sums.low, sums.high, sums.sd);
}
