// measure_list.hpp: one line for each measure; its file is measure_<name>.cpp.
#pragma once

#include "observe/measure.hpp"

namespace attnlab {

MeasureKind attention_mass_measure();
MeasureKind kernel_matrix_measure();
MeasureKind jacobian_measure();
MeasureKind sharpness_measure();
MeasureKind scan_snap_measure();
MeasureKind text_attention_measure();
MeasureKind cooccurrence_measure();     // paper A
MeasureKind flow_invariants_measure();  // paper A

}  // namespace attnlab
