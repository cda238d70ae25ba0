/* An example: rows of raw features in, predictions out.
 *
 *   cc -std=c99 -O2 $name.c main.c -lm -o predict && ./predict < rows.csv
 *
 * Each line of standard input is $columns_sentence, separated by commas,
 * without a header. An empty line begins a new series.
 */
#include "$name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = $columns, LINE = 64 * COLUMNS + 64 };

static const char *const NAMES[${NAME}_OUTPUTS] = {
$names
};

/* The numbers of a line; 0 if there are not as many as there should be. */
static int read_row(const char *line, float row[COLUMNS])
{
    const char *at = line;
    for (int k = 0; k < COLUMNS; k++) {
        char *end;
        row[k] = strtof(at, &end);
        end += strspn(end, " \t\r\n");
        if (end == at || *end != (k + 1 < COLUMNS ? ',' : '\0'))
            return 0;
        at = end + 1;
    }
    return 1;
}

int main(void)
{
    static ${name}_memory memory;
    static char line[LINE];
    float row[COLUMNS], outputs[${NAME}_OUTPUTS];
    long number = 0;

    ${name}_reset(&memory);
    for (int o = 0; o < ${NAME}_OUTPUTS; o++)
        printf(o + 1 < ${NAME}_OUTPUTS ? "%s," : "%s\n", NAMES[o]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        number++;
        if (line[strspn(line, " \t\r\n")] == '\0') {
            ${name}_reset(&memory);
            putchar('\n');
            continue;
        }
        if (!read_row(line, row)) {
            fprintf(stderr, "line %ld: expected %d numbers\n", number, (int)COLUMNS);
            return EXIT_FAILURE;
        }
        const int outcome = ${name}_step(&memory, $arguments, outputs);
        if (outcome != ${NAME}_OK) {
            fprintf(stderr, "line %ld: refused with code %d, see $name.h\n", number, outcome);
            return EXIT_FAILURE;
        }
        for (int o = 0; o < ${NAME}_OUTPUTS; o++)
            printf(o + 1 < ${NAME}_OUTPUTS ? "%.9g," : "%.9g\n", (double)outputs[o]);
    }
    return EXIT_SUCCESS;
}
