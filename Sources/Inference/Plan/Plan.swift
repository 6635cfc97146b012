import Tensors

/// The description of one step of a plan.
package struct StepDescription: Sendable {
  /// The ONNX name of the node, or of the last one when several are fused.
  package var name: String
  /// What ONNX calls the operator (op_type), or several joined by `+`.
  package var op: String
  /// How it is computed, as in "direct 3x3" or "reference".
  package var algorithm: String
  /// How its output lies in memory: "plain", "blocked" or "bf16".
  package var layout: String
  /// The extents of its first output.
  package var outputShape: Shape
  /// What the threads share: "rows", "channels", "columns" or "elements"; "one thread" when they do not.
  package var split = "elements"
  package var cost = StepCost()

  /// One line: what is done, how, and on what layout.
  package var explanation: String { "\(op): \(algorithm), \(layout) \(outputShape)" }
}

/// A step before memory is assigned.
struct PlannedStep {
  var description: StepDescription
  /// What it reads, writes, and uses for itself.
  var buffers: [Buffer]
  /// False when it must run on one thread.
  var isParallel: Bool
  /// Makes the work once every buffer has an address.
  var bind: (Memory) -> ThreadPool.Body
}

/// A value that is read after the run, before memory is assigned.
struct PlannedView {
  var type: TensorType
  var buffer: Buffer
}

/// Addresses of buffers.
struct Memory {
  let allocations: [Allocation]
  let arena: UnsafeMutableRawPointer

  subscript(buffer: Buffer) -> UnsafeMutableRawPointer {
    let allocation = allocations[buffer.allocation]
    if let external = allocation.external, let base = external.bytes.baseAddress { return base + buffer.offset }
    return arena + allocation.offset + buffer.offset
  }

  func floats(_ buffer: Buffer) -> UnsafeMutablePointer<Float> {
    self[buffer].assumingMemoryBound(to: Float.self)
  }
}

/// A network ready to run: steps bound to memory. Everything is allocated here, nothing when it runs.
struct Plan {
  struct Step {
    var description: StepDescription
    var isParallel: Bool
    var body: ThreadPool.Body

    /// Runs it on all threads, or on the caller's alone.
    func run(on pool: ThreadPool) {
      if isParallel { pool.run(body) } else { body(0, 1) }
    }
  }

  let steps: [Step]
  /// Which of them belong to the forward pass, and which to each backward pass.
  let segments: PlanSegments
  /// The network's outputs, row-major.
  let outputs: [TensorView]
  /// For each tapped value, its elements as float32, row-major.
  let taps: [ValueID: TensorView]
  let arenaByteCount: Int
  // Keeps the memory that the steps point to.
  let arena: TensorStorage
  private let allocations: [Allocation]

  /// Places the allocations and binds the steps.
  /// - Parameter earlier: memory of an earlier plan that will not run again; used where it is large enough.
  init(
    steps planned: [PlannedStep], segments: PlanSegments, allocations: [Allocation], outputs: [PlannedView],
    taps: [ValueID: PlannedView],
    reusing earlier: TensorStorage? = nil
  ) throws {
    var allocations = allocations
    Self.setLifetimes(&allocations, planned, segments)
    self.segments = segments
    let inArena = allocations.indices.filter { allocations[$0].external == nil && allocations[$0].lifetime != nil }
    let layout = ArenaPlacement.place(
      inArena.compactMap { index in
        allocations[index].lifetime.map { .init(byteCount: allocations[index].byteCount, lifetime: $0) }
      })
    for (index, offset) in zip(inArena, layout.offsets) { allocations[index].offset = offset }
    guard layout.byteCount <= 64 << 30 else {
      throw InferenceError("the network needs \(layout.byteCount >> 30) GiB of memory; ask for smaller extents")
    }
    let reusable = earlier.flatMap { $0.bytes.count >= layout.byteCount ? $0 : nil }
    let arena = reusable ?? TensorStorage(byteCount: layout.byteCount)
    let memory = Memory(allocations: allocations, arena: UnsafeMutableRawPointer(arena.bytes.baseAddress!))
    let live = liveBytes(of: allocations, steps: planned.count)
    steps = zip(planned, live).map { step, live in
      Step(
        description: step.measured(in: allocations, live: live), isParallel: step.isParallel, body: step.bind(memory))
    }
    self.outputs = outputs.map { TensorView($0.type.element, $0.type.shape, memory[$0.buffer]) }
    self.taps = taps.mapValues { TensorView($0.type.element, $0.type.shape, memory[$0.buffer]) }
    (self.arena, self.allocations, arenaByteCount) = (arena, allocations, layout.byteCount)
  }

  static func setLifetimes(_ allocations: inout [Allocation], _ steps: [PlannedStep], _ segments: PlanSegments) {
    for (index, step) in steps.enumerated() {
      for buffer in step.buffers {
        let first = allocations[buffer.allocation].lifetime?.lowerBound ?? index
        allocations[buffer.allocation].lifetime = first...index
      }
    }
    for index in allocations.indices {
      guard let lifetime = allocations[index].lifetime else { continue }
      allocations[index].lifetime = segments.lifetime(
        lifetime, livesToEnd: allocations[index].livesToEnd, steps: steps.count)
    }
  }

  /// Runs every step of the forward pass in order.
  func run(on pool: ThreadPool) { run(0..<segments.forward, on: pool) }

  /// Runs a backward pass.
  func runBackward(_ number: Int, on pool: ThreadPool) { run(segments.backward[number], on: pool) }

  private func run(_ range: Range<Int>, on pool: ThreadPool) {
    // No for loop: without optimisation its iterator allocates for each element.
    var index = range.lowerBound
    while index < range.upperBound {
      steps[index].run(on: pool)
      index += 1
    }
  }
}
