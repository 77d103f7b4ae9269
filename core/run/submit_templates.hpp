// submit_templates.hpp: the job scripts of launch/, with {{words}} to be filled in.
#pragma once

#include <string_view>

namespace attnlab {

extern const std::string_view slurm_template;  // launch/slurm.sbatch
extern const std::string_view pbs_template;    // launch/pbs.sh

}  // namespace attnlab
