/* W2 in C for one thread, over the same data: the loop without branches of workloads/w2/loops.mjs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "random.h"

enum { ADS = 10000, CAMPAIGNS = 100, ROWS_PER_WINDOW = 1000000, BATCH_ROWS = 10000, PASSES = 3 };

static int32_t counts[CAMPAIGNS], campaign[ADS];
static struct { double rows, views, weighted; } sums;

static void close_window(int window) {
  for (int c = 0; c < CAMPAIGNS; c++) {
    if (counts[c] == 0) continue;
    sums.rows++;
    sums.views += counts[c];
    sums.weighted += (double)counts[c] * (c + 1) * (1 + window);
  }
  memset(counts, 0, sizeof counts);
}

__attribute__((noinline)) static void count_rows(const int32_t *ad, const int32_t *kind, int rows) {
  for (int i = 0; i < rows; i++) counts[campaign[ad[i]]] += kind[i] == 0;
}

int main(int argc, char **argv) {
  const int rows = argc > 1 ? atoi(argv[1]) : 10000000;
  int32_t *ad = malloc(rows * sizeof *ad), *kind = malloc(rows * sizeof *kind);
  random_state = 0x51ed270b;
  for (int i = 0; i < rows; i++) {
    ad[i] = next_random() % ADS;
    kind[i] = next_random() % 3;
  }
  for (int i = 0; i < ADS; i++) campaign[i] = (i * 7919 % ADS) / (ADS / CAMPAIGNS);
  double ms = 0;
  /* The last pass counts: by then everything is warm. */
  for (int pass = 0; pass < PASSES; pass++) {
    sums = (typeof(sums)){0};
    const double start_ms = now_ms();
    for (int from = 0; from < rows; from += BATCH_ROWS) {
      count_rows(ad + from, kind + from, rows - from < BATCH_ROWS ? rows - from : BATCH_ROWS);
      if ((from + BATCH_ROWS) % ROWS_PER_WINDOW == 0 || from + BATCH_ROWS >= rows) close_window(from / ROWS_PER_WINDOW);
    }
    ms = now_ms() - start_ms;
  }
  printf("{\"ms\":%.4f,\"rows\":%.17g,\"views\":%.17g,\"weighted\":%.17g}\n", ms, sums.rows, sums.views, sums.weighted);
}
