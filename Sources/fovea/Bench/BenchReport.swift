import Foundation
import Inference
import Models
import Telemetry

/// What was measured of one model.
struct ModelTiming: Encodable {
  let model: String
  let inputShape: [Int]
  let runs: Int
  /// Reading the file, planning and packing.
  let loadMs: Double
  let firstRunMs: Double, medianMs: Double, minMs: Double
  let multiplyAdds: Int
  /// By the median.
  let gflops: Double
  let peakGflops: Double, shareOfPeak: Double
  let arenaBytes: Int
  /// The most memory that the process held while this model was loaded and run; 0 where the system does not tell.
  let peakMemoryBytes: Int
  /// Nil without --gradient.
  let gradient: GradientTiming?
  let occlusion: OcclusionTiming?

  init(
    path: String, options: NetworkOptions, runs: Int, gradient wantsGradient: Bool, occlusion wantsOcclusion: Bool
  ) throws {
    let clock = SystemTime()
    PeakMemory.reset()
    let start = clock.now()
    let graph = try Model.load(path: path).graph.specialized(inputs: [:])
    let session = try CompiledNetwork(graph, options: options).session()
    loadMs = milliseconds(clock.now().seconds(since: start))
    fillWithNoise(session)
    let first = clock.now()
    try session.run()
    firstRunMs = milliseconds(clock.now().seconds(since: first))
    let profile = try session.profile(runs: runs)
    (medianMs, minMs) = (milliseconds(profile.microseconds * 1e-6), milliseconds(profile.shortestMicroseconds * 1e-6))
    let rate = Profile.gigaflops(profile.multiplyAdds, microseconds: profile.microseconds)
    (model, inputShape, self.runs) = (path, session.inputs.first?.view.shape.dimensions ?? [], runs)
    (multiplyAdds, gflops, arenaBytes) = (profile.multiplyAdds, rounded(rate), profile.arenaBytes)
    peakGflops = rounded(profile.peakGigaflops)
    shareOfPeak = rounded(profile.peakGigaflops > 0 ? rate / profile.peakGigaflops : 0)
    peakMemoryBytes = PeakMemory.bytes
    occlusion = wantsOcclusion ? try OcclusionTiming(session) : nil
    gradient = wantsGradient ? try GradientTiming(session, graph, forwardMs: medianMs, runs: runs) : nil
  }
}

/// What `fovea bench` prints.
struct BenchReport: Encodable {
  /// Rises when a key is removed or changes its meaning.
  let version = 1
  let threads: Int
  let isa: String
  let models: [ModelTiming]

  var table: String {
    var columns = [
      Column("model"), Column("load ms", alignsRight: true), Column("first ms", alignsRight: true),
      Column("median ms", alignsRight: true), Column("min ms", alignsRight: true), Column("GFLOP/s", alignsRight: true),
      Column("of peak", alignsRight: true), Column("memory", alignsRight: true),
    ]
    if models.contains(where: { $0.gradient != nil }) {
      for name in ["layer ms", "of run", "input ms", "of run", "smoothgrad", "ig"] {
        columns.append(Column(name, alignsRight: true))
      }
    }
    if models.contains(where: { $0.occlusion != nil }) {
      for name in ["patch ms", "faster", "multiply-adds"] { columns.append(Column(name, alignsRight: true)) }
    }
    let lines = align(columns, models.map(cells))
    let heading = "\(isa), \(threads) thread\(threads == 1 ? "" : "s")"
    return ([heading] + lines).map(printable).joined(separator: "\n")
  }

  private func cells(_ row: ModelTiming) -> [String] {
    [
      shortened(row.model, to: 40), String(format: "%.1f", row.loadMs), String(format: "%.2f", row.firstRunMs),
      String(format: "%.2f", row.medianMs), String(format: "%.2f", row.minMs), String(format: "%.0f", row.gflops),
      String(format: "%.0f %%", 100 * row.shareOfPeak), short(row.peakMemoryBytes) + "B",
    ] + (row.gradient.map(cells) ?? []) + (row.occlusion.map(cells) ?? [])
  }

  private func cells(_ occlusion: OcclusionTiming) -> [String] {
    [
      String(format: "%.2f", occlusion.patchMs), String(format: "%.1f x", occlusion.speedup),
      String(format: "%.0f %%", 100 * Double(occlusion.multiplyAddsPerPatch) / Double(occlusion.multiplyAddsWhole)),
    ]
  }

  private func cells(_ gradient: GradientTiming) -> [String] {
    [
      gradient.layerMs.map { String(format: "%.2f", $0) } ?? "-",
      gradient.layerShare.map { String(format: "%.0f %%", 100 * $0) } ?? "-",
      String(format: "%.2f", gradient.inputMs), String(format: "%.0f %%", 100 * gradient.inputShare),
      gradient.sample.map { String(format: "%.2f N", $0.smoothgrad) } ?? "-",
      gradient.sample.map { String(format: "%.2f N", $0.integratedGradients) } ?? "-",
    ]
  }
}

private func milliseconds(_ seconds: Double) -> Double { rounded(seconds * 1e3) }

private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// The most memory that this process has held at once: VmHWM of proc(5).
enum PeakMemory {
  /// Starts again from what is held now, where the system allows it.
  static func reset() {
    guard let file = fopen("/proc/self/clear_refs".fileName, "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  /// Bytes; 0 where the system does not tell.
  static var bytes: Int {
    let status = String(decoding: Files.contents("/proc/self/status") ?? Data(), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return 1024 * (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}
