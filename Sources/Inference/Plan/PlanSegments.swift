/// A graph whose nodes fall into a forward pass and backward passes, each of which may be run, or not, after the forward pass.
struct SegmentedGraph {
  var graph: Graph
  /// The first node of each backward pass, in order.
  var starts: [Int]
}

/// The steps of a plan by pass: first the forward one, then the backward ones.
struct PlanSegments {
  /// Steps of the forward pass.
  var forward: Int
  var backward: [Range<Int>] = []

  /// The step after the last.
  var end: Int { backward.last?.upperBound ?? forward }

  /// How long an allocation must stay intact that is first written and last used in `uses`. Backward passes run in any order and
  /// number after the forward pass: what one of them reads of the forward pass stays to the end, and what it leaves for the caller no
  /// other one may use.
  func lifetime(_ uses: ClosedRange<Int>, livesToEnd: Bool, steps: Int) -> ClosedRange<Int> {
    let end = max(steps, uses.lowerBound)
    if livesToEnd { return min(uses.lowerBound, forward)...end }
    return uses.lowerBound < forward && uses.upperBound >= forward ? uses.lowerBound...end : uses
  }
}
