import Tensors

/// Where a value's elements lie.
enum TensorLayout: String, Sendable {
  /// Row-major, as ONNX has it.
  case plain
  /// [N, C/16, H, W, 16] of float32, the last channels padded: NCHW16c.
  case blocked
  /// [N, C/32, H, W, 32] of bfloat16, the last channels padded.
  case bfloat16 = "bf16"
}

/// The number of a memory allocation in its plan.
typealias AllocationID = Int

/// A part of an allocation: what a step reads or writes.
struct Buffer: Hashable {
  var allocation: AllocationID
  /// Bytes from the allocation's start.
  var offset: Int

  func advanced(by byteCount: Int) -> Buffer { Buffer(allocation: allocation, offset: offset + byteCount) }
}

/// Memory that a plan uses: a part of the arena while it is live, or memory of its own.
struct Allocation {
  var byteCount: Int
  /// Memory outside the arena: constants and network inputs.
  var external: TensorStorage?
  var isConstant = false
  /// True when it must stay intact to the end of the run.
  var livesToEnd = false
  /// The first step that writes it and the last that uses it.
  var lifetime: ClosedRange<Int>?
  /// Bytes from the arena's start.
  var offset = 0
}
