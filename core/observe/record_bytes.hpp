// record_bytes.hpp: how many bytes the records of a trial will take, before it is trained. Pure.
#pragma once

#include "base/settings.hpp"
#include "base/task_shape.hpp"
#include "model/shape.hpp"

namespace attnlab {

// Bytes of all series that Recorder would make for `trial`, before compression.
double record_bytes(const Settings& trial, const TaskShape& task, const ModelShape& model,
                    const ParameterLayout& layout);

}  // namespace attnlab
