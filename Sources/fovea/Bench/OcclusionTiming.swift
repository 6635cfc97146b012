import Explanations
import Inference
import Telemetry
import Tensors

/// How long occlusion takes for each patch: patches of 16 pixels in steps of 8.
struct OcclusionTiming: Encodable {
  let patches: Int
  /// Milliseconds for one patch, computing only what it changes; median of the passes.
  let patchMs: Double
  /// Milliseconds for a run of the whole network, measured between the passes; median.
  let wholeMs: Double
  /// How many times faster.
  let speedup: Double
  let multiplyAddsPerPatch: Int, multiplyAddsWhole: Int

  private static let (patch, step) = (16, 8)
  private static let (passes, wholes) = (3, 5)

  init(_ session: Session) throws {
    let shape = session.inputs[0].view.shape
    guard shape.rank == 4, shape[2] >= Self.patch, shape[3] >= Self.patch else {
      throw UserError(
        "occlusion is measured on pictures of at least \(Self.patch)x\(Self.patch) pixels, not on \(shape)")
    }
    let extent = SpatialExtent(shape)
    var options = MethodOptions()
    (options.patch, options.stride) = (Self.patch, Self.step)
    let regions = try PatchGrid(extent, options).regions(extent)
    let parts = try RegionSession(session, regions: regions, value: session.outputs[0].name, channels: 1)
    try parts.remember()
    parts.choose(0, 0)
    let fill = Tensor(.float32, shape)
    var (patchTimes, wholeTimes) = ([Double](), [Double]())
    let clock = SystemTime()
    for _ in 0..<Self.passes {
      for _ in 0..<Self.wholes {
        let start = clock.now()
        try session.run()
        wholeTimes.append(clock.now().seconds(since: start) * 1e3)
      }
      let start = clock.now()
      if let source = fill.view.floats.baseAddress { parts.run(changingTo: source) { _, _ in } }
      patchTimes.append(clock.now().seconds(since: start) * 1e3 / Double(regions.count))
    }
    patches = regions.count
    (patchMs, wholeMs) = (patchTimes.sorted()[Self.passes / 2], wholeTimes.sorted()[wholeTimes.count / 2])
    speedup = wholeMs / patchMs
    (multiplyAddsWhole, multiplyAddsPerPatch) = parts.multiplyAdds
  }
}
