#!/bin/bash
# Made by `attnlab submit` from launch/pbs.sh, which launch/README.md explains.
#
# Trains what the run directory does not yet hold. Stopped before its walltime, or by `qsig -s USR1`, it submits itself again and
# continues; submitted twice, it trains nothing twice. `qdel` ends it for good (and in good order).
#PBS -N {{name}}
#PBS -l select={{nodes}}:ncpus={{cpus_per_node}}:mpiprocs={{ranks_per_node}}
#PBS -l place={{place}}
{{directives}}#PBS -r y
#PBS -j oe
#PBS -V

cd -- {{folder}} || exit 3
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1  # asked for in containers; without effect elsewhere

command=(
{{command}}
)
"${command[@]}" &
child=$!

# USR1 gives the ranks the five seconds of a stop in good order; mpirun passes TERM on with one second only.
heard='' interrupted=''
trap 'heard=USR1 interrupted=1; kill -USR1 "$child" 2>/dev/null' USR1
trap 'heard=TERM interrupted=1; kill -USR1 "$child" 2>/dev/null' TERM INT
wait "$child"
status=$?
while [ -n "$interrupted" ]; do  # a signal ends `wait`, not the child
  interrupted=''
  wait "$child"
  again=$?
  [ "$again" = 127 ] || status=$again
done
# A launcher that dies of the signal itself was stopped before the ranks began.
[ -n "$heard" ] && [ "$status" -gt 128 ] && status=75

if [ "$status" = 75 ] && [ -n "${PBS_JOBID:-}" ] && [ "$heard" != TERM ]; then
  # PBS lets operators alone use qrerun, so the job submits the copy of itself that it was started from.
  echo "attnlab: job $PBS_JOBID was stopped in good order and submits itself again"
  {{again}} || echo "attnlab: PBS did not take it; submit this script again" >&2
fi
exit "$status"
