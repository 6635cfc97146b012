import CKernels
import Foundation
import Telemetry
import Tensors

/// Measures the candidates of contested layers on their real sizes.
struct Tuner {
  let isa: ISA
  let clock: any TimeSource
  /// Seconds that all measurements of a network may take together.
  var budget = 0.25
  /// How often a kernel was run.
  private(set) var kernelRuns = 0

  /// Runs that count for each candidate, after one that does not.
  private static let rounds = 3
  /// What another than the rule's choice must save, so that noise does not decide.
  private static let margin = 0.97
  /// A pessimistic clock, for guessing in advance what a measurement takes.
  private static let cyclesPerSecond = 1e9

  init(isa: ISA, clock: any TimeSource = SystemTime()) { (self.isa, self.clock) = (isa, clock) }

  /// A choice for every layer: where most time may be saved first, and the rule's for those that the budget does not reach.
  mutating func choices(for layers: [ContestedLayer]) -> TunedChoices {
    let start = clock.now()
    let workspace = layers.isEmpty ? nil : TuningWorkspace(layers, isa: isa)
    var choices: TunedChoices = [:]
    for layer in layers.sorted(by: Self.mattersMore) {
      let left = budget - clock.now().seconds(since: start)
      let expected = layer.cycles.reduce(0, +) * Double(Self.rounds + 1) / Self.cyclesPerSecond
      let measured = expected < left ? workspace.map { fastest(layer, $0, seconds: left) } : nil
      choices[layer.layer] = measured ?? layer.candidates[0]
    }
    return choices
  }

  private static func mattersMore(_ a: ContestedLayer, _ b: ContestedLayer) -> Bool {
    let (left, right) = (Double(a.uses) * a.cycles[0], Double(b.uses) * b.cycles[0])
    return left == right ? a.layer.text < b.layer.text : left > right
  }

  /// The candidates take turns, so that a slow moment of the machine meets all of them; each one's best counts.
  private mutating func fastest(
    _ layer: ContestedLayer, _ workspace: TuningWorkspace, seconds: Double
  ) -> fovea_conv_algorithm {
    var best = [Double](repeating: .infinity, count: layer.candidates.count)
    let start = clock.now()
    for round in 0...Self.rounds {
      for (index, algorithm) in layer.candidates.enumerated() {
        guard clock.now().seconds(since: start) < seconds else { return layer.candidates[0] }
        var params = layer.params
        params.algorithm = algorithm
        workspace.chill()
        let before = clock.now()
        workspace.run(&params, isa)
        kernelRuns += 1
        if round > 0 { best[index] = min(best[index], clock.now().seconds(since: before)) }
      }
    }
    let winner = best.indices.min { best[$0] < best[$1] } ?? 0
    return layer.candidates[best[winner] < Self.margin * best[0] ? winner : 0]
  }
}

/// Memory for the largest of the layers' candidates. Its numbers are zeros: no kernel's time depends on them.
final class TuningWorkspace {
  private let input, weights, output, scratch, cold: TensorStorage

  init(_ layers: [ContestedLayer], isa: ISA) {
    var (inputs, packed, outputs, scratches) = (0, 0, 0, 0)
    for layer in layers {
      inputs = max(inputs, Int(layer.params.in_batch_stride) * Int(layer.params.batch))
      outputs = max(outputs, Int(layer.params.out_batch_stride) * Int(layer.params.batch))
      for algorithm in layer.candidates {
        var params = layer.params
        params.algorithm = algorithm
        packed = max(packed, fovea_conv_weights_size(isa.kernels, &params))
        scratches = max(scratches, fovea_conv_scratch_size(isa.kernels, &params, 1))
      }
    }
    (input, weights) = (TensorStorage(byteCount: 4 * inputs), TensorStorage(byteCount: 4 * packed))
    (output, scratch) = (TensorStorage(byteCount: 4 * outputs), TensorStorage(byteCount: scratches))
    cold = TensorStorage(byteCount: 2 * Self.secondLevelBytes)
  }

  private static var secondLevelBytes: Int {
    let bytes = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
    return bytes > 0 ? min(bytes, 8 << 20) : 1 << 20
  }

  /// Puts the caches in the state that a layer finds in its network: the weights were last read a whole run ago and have
  /// left the second level, the input has just been written.
  func chill() {
    for storage in [cold, input] {
      var sum: UInt8 = 0
      for offset in stride(from: 0, to: storage.bytes.count, by: 64) { sum &+= storage.bytes[offset] }
      scratch.bytes[0] = sum
    }
  }

  /// Computes the layer once on this thread.
  func run(_ params: inout fovea_conv_params, _ isa: ISA) {
    func floats(_ storage: TensorStorage) -> UnsafeMutablePointer<Float>? {
      storage.bytes.baseAddress?.assumingMemoryBound(to: Float.self)
    }
    var args = fovea_conv_args(
      input: floats(input), weights: floats(weights), bias: nil, residual: nil, output: floats(output),
      scratch: scratch.bytes.baseAddress)
    fovea_conv(isa.kernels, &params, &args, 0, 1)
  }
}
