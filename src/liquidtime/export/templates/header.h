/* A trained model: $title
 *
$story
 *
$sample
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#define ${NAME}_FEATURES $F /* numbers in a row:
$features
 */
#define ${NAME}_OUTPUTS $O /* $said:
$outputs
 */
#define ${NAME}_NEURONS $H
#define ${NAME}_STATE $S /* numbers that are carried from sample to sample */
#define ${NAME}_FLASH_BYTES $flash /* of constants */
#define ${NAME}_RAM_BYTES $ram /* of ${name}_memory */

/* What ${name}_step returns. Unless it is OK, neither state nor outputs were touched. */
enum {
    ${NAME}_OK = 0,
    ${NAME}_BAD_INPUT = 1,    /* $bad_input */
    ${NAME}_NOT_CONVERGED = 2 /* implicit Euler alone: a shorter timespan is easier */
};

typedef struct {
    float state[${NAME}_STATE]; /* all there is to save and to restore */
    /* What follows means nothing between two samples. */
$fields
} ${name}_memory;

#ifdef __cplusplus
extern "C" {
#endif

/* Begin a new series: the state is zero. */
void ${name}_reset(${name}_memory *memory);

/* One sample.
 *   features  in their own units$timespan_comment
 *   outputs   $said, in the order above
 */
int ${name}_step(${name}_memory *memory, const float features[${NAME}_FEATURES]$timespan_parameter,
    float outputs[${NAME}_OUTPUTS]);

#ifdef __cplusplus
}
#endif

#endif
