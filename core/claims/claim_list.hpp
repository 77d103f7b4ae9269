// claim_list.hpp: the claims of each paper, in files of their own.
#pragma once

#include "claims/claim.hpp"

namespace attnlab {

std::vector<Claim> kernel_claims();  // Song et al., NeurIPS 2024: claims_kernels*.cpp

}  // namespace attnlab
