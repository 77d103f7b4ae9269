// cooccurrence.cpp: do two target tokens occur together? The data of Yang et al. 2024,
// Definition 2.1.
//
// Tokens: 0 and 1 are the targets (mu_1, mu_2), 2 is the common one (mu_3), 3 .. d-1 the random set
// R. A sample of L tokens holds mu_3 once, each target at most once, and at all other positions
// draws from R, uniform with replacement.
//
//   group        I   targets       y    share   random tokens
//   both         I1  mu_1, mu_2   +1    1/2     L-3
//   first_only   I2  mu_1         -1    1/6     L-2
//   second_only  I3  mu_2         -1    1/6     L-2
//   neither      I4  none         -1    1/6     L-1
//
// Training samples repeat the cycle below, so that the shares are exact; validation samples draw
// their group.
#include <attnlab/task.hpp>
#include <vector>

namespace {

using attnlab::Failure;

constexpr std::array options{
    attnlab::option::integer("dim", "64", 4, 1e7, "1",
                             "vocabulary: 2 targets, 1 common token, the rest random tokens"),
    attnlab::option::integer("sequence_length", "5", 3, 1e6, "1", "tokens a sample (L)"),
    attnlab::option::integer("samples", "60", 6, 1e9, "1", "training samples, a multiple of 6"),
    attnlab::option::boolean("distinct_random_tokens", "false",
                             "no random token occurs twice in the training set (Assumption 2.3)"),
    attnlab::option::integer("validation_samples", "0", 0, 1e9, "1",
                             "fresh draws from the distribution, kept for validation"),
};

constexpr std::array<const char*, 4> groups{"both", "first_only", "second_only", "neither"};
constexpr std::array<int, 6> cycle{0, 1, 0, 2, 0, 3};         // shares 3/6, 1/6, 1/6, 1/6
constexpr std::array<std::int64_t, 4> n_special{3, 2, 2, 1};  // tokens outside R

class Cooccurrence {
 public:
  static constexpr std::uint32_t flags = 0;

  Cooccurrence(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed)
      : host_(host),
        seed_(seed),
        dim_(o.integer("dim")),
        length_(o.integer("sequence_length")),
        n_samples_(o.integer("samples")),
        n_validation_(o.integer("validation_samples")) {
    if (length_ < 3) {
      throw Failure("sequence_length is " + std::to_string(length_) +
                    ", but both targets and the common token need 3 places");
    }
    if (n_samples_ % 6 != 0) {
      const std::int64_t below = n_samples_ - n_samples_ % 6;
      throw Failure("samples is " + std::to_string(n_samples_) +
                    ", but the four groups have the shares 1/2, 1/6, 1/6, 1/6: take a multiple "
                    "of 6, for example " +
                    std::to_string(below < 6 ? 6 : below) + " or " + std::to_string(below + 6));
    }
    if (o.boolean("distinct_random_tokens")) draw_distinct();
    report_ = "co-occurrence: " + std::to_string(n_samples_) + " training samples (both " +
              std::to_string(n_samples_ / 2) + ", first_only, second_only and neither " +
              std::to_string(n_samples_ / 6) + " each), " + std::to_string(n_validation_) +
              " for validation, " + std::to_string(length_) + " tokens of " + std::to_string(dim_) +
              (distinct_.empty() ? "" : ", random tokens distinct");
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_SIGN;
    out.n_groups = groups.size();
    out.max_tokens = length_;
    out.vocabulary = dim_;
    out.outputs = 1;
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = n_samples_;
    out.n_samples[ATTNLAB_SPLIT_VALIDATION] = n_validation_;
    out.groups = groups.data();
    out.report = report_.c_str();
  }

  // The words of sample i are 0 .. 3 + L of its own range: the group, the places of mu_3, mu_1,
  // mu_2, then one a random token.
  void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const {
    const auto stream = static_cast<std::uint64_t>(split);
    const auto first = static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(4 + length_);
    const auto below = [&](std::uint64_t word, std::int64_t n) {
      return static_cast<std::int64_t>(host_.random_bits(seed_, stream, first + word) %
                                       static_cast<std::uint64_t>(n));
    };
    const bool trained = split == ATTNLAB_SPLIT_TRAIN;
    const int group = cycle[static_cast<std::size_t>(trained ? index % 6 : below(0, 6))];

    std::fill_n(out.tokens, length_, -1);
    put(out.tokens, below(1, length_), 2);
    std::int64_t n_free = length_ - 1;
    if (group == 0 || group == 1) put(out.tokens, below(2, n_free--), 0);
    if (group == 0 || group == 2) put(out.tokens, below(3, n_free--), 1);

    std::int64_t next = trained && !distinct_.empty() ? first_random(index) : -1;
    for (std::int64_t l = 0; l < length_; ++l) {
      if (out.tokens[l] >= 0) continue;
      out.tokens[l] =
          next >= 0
              ? distinct_[static_cast<std::size_t>(next++)]
              : static_cast<std::int32_t>(3 + below(4 + static_cast<std::uint64_t>(l), dim_ - 3));
    }
    out.n_tokens = length_;
    out.group = group;
    out.target_ids[0] = group == 0 ? 1 : -1;
  }

  std::string token_name(std::int64_t id) const { return "mu_" + std::to_string(id + 1); }

 private:
  // Writes `token` at the free place number `place`, counted from the left.
  static void put(std::int32_t* tokens, std::int64_t place, std::int32_t token) {
    std::int64_t l = 0;
    while (tokens[l] >= 0 || place-- > 0) ++l;
    tokens[l] = token;
  }

  // How many random tokens the training samples before `index` hold.
  std::int64_t first_random(std::int64_t index) const {
    std::int64_t n = index / 6 * (6 * length_ - 14);
    for (std::int64_t i = 0; i < index % 6; ++i) {
      n += length_ - n_special[static_cast<std::size_t>(cycle[static_cast<std::size_t>(i)])];
    }
    return n;
  }

  void draw_distinct() {
    const std::int64_t needed = first_random(n_samples_);
    if (needed > dim_ - 3) {
      throw Failure("distinct_random_tokens needs " + std::to_string(needed) +
                    " random tokens for " + std::to_string(n_samples_) + " samples of " +
                    std::to_string(length_) + " tokens, but dim " + std::to_string(dim_) +
                    " leaves " + std::to_string(dim_ - 3) + ": set dim to at least " +
                    std::to_string(needed + 3) + ", or take fewer samples");
    }
    distinct_.resize(static_cast<std::size_t>(dim_ - 3));
    for (std::size_t i = 0; i < distinct_.size(); ++i) {
      distinct_[i] = static_cast<std::int32_t>(i) + 3;
    }
    attnlab::shuffle(host_, seed_, 16, std::span(distinct_));
  }

  attnlab::Host host_;
  std::uint64_t seed_;
  std::int64_t dim_, length_, n_samples_, n_validation_;
  std::vector<std::int32_t> distinct_;  // R in random order; empty: draw with replacement
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(Cooccurrence, options,
                    (attnlab::About{
                        .name = "cooccurrence",
                        .summary = "Two target tokens, one common token, random tokens: do both "
                                   "targets occur? Signs as targets.",
                        .formula = "y = +1 if tokens 0 and 1 both occur, else -1",
                        .paper = "Yang, Kailkhura, Wang, Liang, NeurIPS 2024, arXiv 2410.09605",
                    }))
