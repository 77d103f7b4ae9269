// gradient_flow.cpp: the parameters follow p' = -rate grad l(p) in time; a step of the trial is the
// way from one output time to the next.
//
//   adaptive   Dormand-Prince 5(4) under error control (Dormand & Prince 1980), any number of steps
//   rk4        one classical Runge-Kutta step of step_size
//   euler      one Euler step of step_size: gradient descent at rate step_size rate
//
// The flow is integrated in double precision for either precision of the model: a float32 gradient
// is still good for steps whose error is below its own rounding, float32 parameters are not.
// State: time reached, step size, and for float32 the parameters in double precision [n].
#include "gradient_flow.hpp"

namespace {
using namespace attnlab;

constexpr double positive = 1e-300;

constexpr std::array options{
    option::choice("method", "\"adaptive\"", "adaptive|rk4|euler",
                   "adaptive: Dormand-Prince 5(4) from output to output; rk4 and euler: one step "
                   "of step_size an output"),
    option::real("end_time", "null", positive, option::infinity, "time",
                 "adaptive: flow time of the last output; if not given, one unit an output"),
    option::choice("spacing", "\"linear\"", "linear|log",
                   "adaptive: outputs evenly spaced in time, or in the logarithm of time"),
    option::real("first_time", "null", positive, option::infinity, "time",
                 "adaptive with spacing log: flow time of the first output"),
    option::real("relative_tolerance", "1e-7", 1e-15, 1, "1",
                 "adaptive: error allowed in a step, as a share of each parameter"),
    option::real("absolute_tolerance", "1e-9", positive, option::infinity, "1",
                 "adaptive: error allowed in a step beside that share"),
    option::real("largest_step_share", "null", 1e-9, option::infinity, "1",
                 "adaptive: no step is longer than this share of the time reached; none if not "
                 "given"),
    option::real("step_size", "0.01", positive, option::infinity, "time",
                 "rk4 and euler: flow time of one step"),
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(flow::GradientFlow, options, 1.0,
                         (About{.name = "gradient_flow",
                                .summary = "Follows the gradient flow in continuous time; records "
                                           "get a flow time.",
                                .formula = "p' = -rate grad l(p), one rate a matrix",
                                .paper = "Dormand & Prince 1980 (J. Comput. Appl. Math. 6, 19); "
                                         "Boost.Odeint: Ahnert & Mulansky 2011 (arXiv "
                                         "1110.3397)"}))
