import CKernels
import Foundation
import Tensors

/// Memory for the largest of the layers' candidates. Its numbers are zeros: no kernel's time depends on them.
final class TuningWorkspace {
  private let isa: fovea_isa
  private let input, weights, output, scratch, cold: TensorStorage
  /// The same values in bfloat16.
  private let wideInput, wideOutput: TensorStorage

  init(_ layers: [ContestedLayer], isa: ISA) {
    self.isa = isa.kernels
    var sizes = Sizes()
    for layer in layers { sizes.add(layer, isa.kernels) }
    (input, output) = (TensorStorage(byteCount: sizes.input), TensorStorage(byteCount: sizes.output))
    (wideInput, wideOutput) = (TensorStorage(byteCount: sizes.wideInput), TensorStorage(byteCount: sizes.wideOutput))
    (weights, scratch) = (TensorStorage(byteCount: sizes.weights), TensorStorage(byteCount: sizes.scratch))
    cold = TensorStorage(byteCount: 2 * Self.secondLevelBytes)
  }

  private static var secondLevelBytes: Int {
    let bytes = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
    return bytes > 0 ? min(bytes, 8 << 20) : 1 << 20
  }

  /// Puts the caches in the state that a layer finds in its network: the weights were last read a whole run ago and have
  /// left the second level, the input has just been written.
  func chill(_ layer: ContestedLayer) {
    for storage in [cold, layer.wide == nil ? input : wideInput] {
      var sum: UInt8 = 0
      for offset in stride(from: 0, to: storage.bytes.count, by: 64) { sum &+= storage.bytes[offset] }
      cold.bytes[0] = sum
    }
  }

  /// Computes the layer once on this thread.
  func run(_ layer: ContestedLayer, _ algorithm: fovea_conv_algorithm) {
    guard var wide = layer.wide else { return convolve(layer.params, algorithm) }
    guard algorithm != FOVEA_CONV_BLOCKED else { return convolve(&wide) }
    let (p, unit) = (layer.params, FOVEA_BF16_AVX512)
    var extent = Planar([1, Int(p.in_channels), Int(p.in_height), Int(p.in_width)]).extent(isBlocked: true)
    fovea_bf16_to_blocked(unit, &extent, pointer(wideInput), pointer(input), 0, 1)
    convolve(p, algorithm)
    extent = Planar([1, Int(p.out_channels), Int(p.out_height), Int(p.out_width)]).extent(isBlocked: true)
    fovea_bf16_from_blocked(unit, &extent, pointer(output), pointer(wideOutput), 0, 1)
  }

  private func convolve(_ params: fovea_conv_params, _ algorithm: fovea_conv_algorithm) {
    var params = params
    params.algorithm = algorithm
    var args = fovea_conv_args(
      input: pointer(input), weights: pointer(weights), bias: nil, residual: nil, output: pointer(output),
      scratch: scratch.bytes.baseAddress)
    fovea_conv(isa, &params, &args, 0, 1)
  }

  private func convolve(_ params: inout fovea_bf16_conv_params) {
    var args = fovea_bf16_conv_args(
      input: wideInput.bytes.baseAddress, weights: weights.bytes.baseAddress, bias: nil, residual: nil,
      output: pointer(wideOutput), scratch: scratch.bytes.baseAddress)
    fovea_bf16_conv(FOVEA_BF16_AVX512, &params, &args, 0, 1)
  }

  private func pointer<Element>(_ storage: TensorStorage) -> UnsafeMutablePointer<Element>? {
    storage.bytes.baseAddress?.assumingMemoryBound(to: Element.self)
  }
}

/// Bytes of a workspace.
private struct Sizes {
  var (input, output, wideInput, wideOutput, weights, scratch) = (0, 0, 0, 0, 0, 0)

  mutating func add(_ layer: ContestedLayer, _ isa: fovea_isa) {
    input = max(input, 4 * Int(layer.params.in_batch_stride) * Int(layer.params.batch))
    output = max(output, 4 * Int(layer.params.out_batch_stride) * Int(layer.params.batch))
    if var wide = layer.wide {
      wideInput = max(wideInput, 2 * Int(wide.conv.in_batch_stride))
      wideOutput = max(wideOutput, 2 * Int(wide.conv.out_batch_stride))
      weights = max(weights, fovea_bf16_weights_size(FOVEA_BF16_AVX512, &wide))
      scratch = max(scratch, fovea_bf16_scratch_size(FOVEA_BF16_AVX512, &wide, 1))
    }
    for algorithm in layer.candidates where layer.wide == nil || algorithm != FOVEA_CONV_BLOCKED {
      var params = layer.params
      params.algorithm = algorithm
      weights = max(weights, 4 * fovea_conv_weights_size(isa, &params))
      scratch = max(scratch, fovea_conv_scratch_size(isa, &params, 1))
    }
  }
}
