import CKernels
import Foundation
import Tensors

/// Memory for the largest of the layers' candidates. Its numbers are zeros: no kernel's time depends on them.
final class TuningWorkspace {
  private let isa: fovea_isa
  private let input, weights, output, scratch, cold: TensorStorage
  /// The same values in bfloat16.
  private let bfloat16Input, bfloat16Output: TensorStorage

  init(_ layers: [ContestedLayer], isa: ISA) {
    self.isa = isa.kernels
    var sizes = Sizes()
    for layer in layers { sizes.add(layer, isa.kernels) }
    (input, output) = (TensorStorage(byteCount: sizes.input), TensorStorage(byteCount: sizes.output))
    (bfloat16Input, bfloat16Output) = (
      TensorStorage(byteCount: sizes.bfloat16Input), TensorStorage(byteCount: sizes.bfloat16Output)
    )
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
    for storage in [cold, layer.bfloat16 == nil ? input : bfloat16Input] {
      var sum: UInt8 = 0
      for offset in stride(from: 0, to: storage.bytes.count, by: 64) { sum &+= storage.bytes[offset] }
      cold.bytes[0] = sum
    }
  }

  /// Computes the layer once on this thread.
  func run(_ layer: ContestedLayer, _ algorithm: fovea_conv_algorithm) {
    guard var direct = layer.bfloat16 else { return convolve(layer.params, algorithm) }
    guard algorithm != FOVEA_CONV_BLOCKED else { return convolve(&direct) }
    let (p, unit) = (layer.params, FOVEA_BF16_AVX512)
    var extent = Planar([1, Int(p.in_channels), Int(p.in_height), Int(p.in_width)]).extent(isBlocked: true)
    fovea_bf16_to_blocked(unit, &extent, pointer(bfloat16Input), pointer(input), 0, 1)
    convolve(p, algorithm)
    extent = Planar([1, Int(p.out_channels), Int(p.out_height), Int(p.out_width)]).extent(isBlocked: true)
    fovea_bf16_from_blocked(unit, &extent, pointer(output), pointer(bfloat16Output), 0, 1)
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
      input: bfloat16Input.bytes.baseAddress, weights: weights.bytes.baseAddress, bias: nil, residual: nil,
      output: pointer(bfloat16Output), scratch: scratch.bytes.baseAddress)
    fovea_bf16_conv(FOVEA_BF16_AVX512, &params, &args, 0, 1)
  }

  private func pointer<Element>(_ storage: TensorStorage) -> UnsafeMutablePointer<Element>? {
    storage.bytes.baseAddress?.assumingMemoryBound(to: Element.self)
  }
}

/// Bytes of a workspace.
private struct Sizes {
  var (input, output, bfloat16Input, bfloat16Output, weights, scratch) = (0, 0, 0, 0, 0, 0)

  mutating func add(_ layer: ContestedLayer, _ isa: fovea_isa) {
    input = max(input, 4 * Int(layer.params.in_batch_stride) * Int(layer.params.batch))
    output = max(output, 4 * Int(layer.params.out_batch_stride) * Int(layer.params.batch))
    if var direct = layer.bfloat16 {
      bfloat16Input = max(bfloat16Input, 2 * Int(direct.conv.in_batch_stride))
      bfloat16Output = max(bfloat16Output, 2 * Int(direct.conv.out_batch_stride))
      weights = max(weights, fovea_bf16_weights_size(FOVEA_BF16_AVX512, &direct))
      scratch = max(scratch, fovea_bf16_scratch_size(FOVEA_BF16_AVX512, &direct, 1))
    }
    for algorithm in layer.candidates where layer.bfloat16 == nil || algorithm != FOVEA_CONV_BLOCKED {
      var params = layer.params
      params.algorithm = algorithm
      weights = max(weights, 4 * fovea_conv_weights_size(isa, &params))
      scratch = max(scratch, fovea_conv_scratch_size(isa, &params, 1))
    }
  }
}
