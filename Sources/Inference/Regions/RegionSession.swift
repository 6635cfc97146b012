import Tensors

/// A network that is run again and again on one picture of which a region changes: only what the region changes is computed,
/// layer by layer, until that is everything. Several regions at a time, each on its own.
///
/// `remember` looks at the picture, `run` at changes of it; neither allocates.
package final class RegionSession: @unchecked Sendable {
  // Safety: used by one thread at a time, as its callers promise.

  /// The regions, as they were given.
  package let regions: [MapRegion]
  /// For each region, where it changes the value, when that is a map [1, C, H, W] of which it does not change everything; else nil. No
  /// element outside is other than for the unchanged picture, but for rounding.
  package var changed: [MapRegion?] { plans.changed }
  /// Multiply-adds of convolutions and matrix products: of the whole network, and of what is computed for a region, on average.
  package var multiplyAdds: (whole: Int, region: Int) { plans.multiplyAdds }
  private let session: Session
  private let question: RegionQuestion
  private var plans: RegionPlans
  /// The channels to compute; empty: all.
  private var channels: [Int]
  private let chosen: Tensor

  /// Prepares a network.
  /// - Parameters:
  ///   - session: for one picture; its input is the picture, its weights are used.
  ///   - regions: of the picture, inside it and not empty; all that `run` looks at.
  ///   - name: the ONNX name of the value to compute.
  ///   - channels: how many elements of the value's second axis are of interest, `choose` says which; nil: all of them.
  ///   - batch: how many regions to look at together at most, where the network can be batched. The weights are read once for
  ///     all of them: VGG-16's come from memory, and 24 at a time take two thirds of the time of 4.
  /// - Throws: `InferenceError`.
  package init(
    _ session: Session, regions: [MapRegion], value name: String, channels: Int? = nil, batch: Int = 24
  ) throws {
    (self.session, self.regions) = (session, regions)
    question = RegionQuestion(regions: regions, value: name, channels: channels, batch: batch)
    plans = try RegionPlans(question, session.latestPlanner())
    self.channels = Array(repeating: 0, count: channels ?? 0)
    chosen = Tensor(.float32, [max(1, channels ?? 0)])
  }

  /// Sets which channel is computed at this position among those of interest.
  package func choose(_ index: Int, _ channel: Int) {
    channels[index] = channel
    plans.rows?.set(index, to: channel)
  }

  /// Looks at the picture that the session's input holds, by the parameters that the network has now; `run` uses the same.
  package func remember() throws {
    if plans.version != session.network.version {
      plans = try RegionPlans(question, session.latestPlanner())
      for (index, channel) in channels.enumerated() { plans.rows?.set(index, to: channel) }
      session.network.weights.sweep()
    }
    let (input, copy) = (session.inputs[0].view.floats, plans.remembered.view.floats)
    if let source = input.baseAddress { copy.baseAddress?.update(from: source, count: copy.count) }
    plans.whole.run(on: session.pool)
    var index = 0
    while index < plans.maps.count {
      plans.maps[index].update(session.network.isa)
      index += 1
    }
  }

  /// Computes the value for the picture with each of the regions taken from another one, in an order that suits it.
  /// - Parameters:
  ///   - source: the other picture, [C, H, W].
  ///   - take: is given a region's number and the value's elements, or those of the channels of interest, row-major.
  package func run(changingTo source: UnsafePointer<Float>, _ take: (Int, UnsafeBufferPointer<Float>) -> Void) {
    var index = 0
    while index < plans.parts.count {
      run(plans.parts[index], source, take)
      index += 1
    }
  }

  private func run(
    _ part: RegionPart, _ source: UnsafePointer<Float>, _ take: (Int, UnsafeBufferPointer<Float>) -> Void
  ) {
    var first = 0
    while first < part.regions.count {
      let end = min(first + part.batch, part.regions.count)
      part.run(first..<end, of: regions, on: plans.picture, from: source, session.pool)
      var number = first
      while number < end {
        take(part.regions[number], values(part.result, number - first, of: part.batch))
        number += 1
      }
      first = end
    }
  }

  private func values(_ view: TensorView, _ item: Int, of batch: Int) -> UnsafeBufferPointer<Float> {
    let count = view.shape.count / batch
    let all = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(view.floats)[item * count..<(item + 1) * count])
    guard !channels.isEmpty, plans.rows == nil else { return all }
    let picked = chosen.view.floats
    var index = 0
    while index < channels.count {
      picked[index] = all[channels[index]]
      index += 1
    }
    return UnsafeBufferPointer(picked)
  }
}
