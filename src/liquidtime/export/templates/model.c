/* $title
 *
$story
 */
#include "$name.h"

#include <math.h>

enum {
    F = ${NAME}_FEATURES,
    I = $I, /* inputs of the equations: the features, scaled$and_log */
    H = ${NAME}_NEURONS,
    S = ${NAME}_STATE,
    O = ${NAME}_OUTPUTS
};

typedef ${name}_memory memory_t;

/* Larger numbers than this, scaled inputs or elapsed times, are refused, so that nothing can overflow. */
#define LARGEST 1e12f

/* ---- Constants -------------------------------------------------------------------------------------------------- */

$constants
/* ---- Functions -------------------------------------------------------------------------------------------------- */

$functions
/* ---- The equations ---------------------------------------------------------------------------------------------- */

$equations
/* ---- Read-out --------------------------------------------------------------------------------------------------- */

$read_out
/* ---- What the header declares ----------------------------------------------------------------------------------- */

void ${name}_reset(memory_t *memory)
{
    for (int i = 0; i < S; i++)
        memory->state[i] = 0.0f;
}

int ${name}_step(memory_t *memory, const float features[F]$timespan_parameter, float outputs[O])
{
    memory_t *const m = memory;
$check_timespan    for (int k = 0; k < F; k++) {
        const float u = ((features[k] - MEAN[k]) - MEAN_REST[k]) / STD[k];
        if (!(fabsf(u) <= LARGEST))
            return ${NAME}_BAD_INPUT;
        m->u[k] = u;
    }
$log_timespan    for (int i = 0; i < S; i++)
        m->x[i] = m->state[i];
    if (advance(m$span_argument) != 0)
        return ${NAME}_NOT_CONVERGED;
    for (int i = 0; i < S; i++)
        m->state[i] = m->x[i];
    read_out(m, outputs);
    return ${NAME}_OK;
}
