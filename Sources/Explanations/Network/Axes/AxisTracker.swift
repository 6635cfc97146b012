import Inference
import Tensors

/// Follows what the axes of every value mean, from the picture [1, C, H, W] on: through transpositions, shapes, products and windows.
struct AxisTracker {
  private let graph: Graph
  private var known: [ValueID: [AxisAtoms]] = [:]
  private var channelSets = 1

  init(_ graph: Graph) {
    self.graph = graph
    guard let input = graph.inputs.first?.value, let shape = graph.values[input].type?.shape else { return }
    known[input] = planar(shape)
    for node in graph.nodes { follow(node) }
  }

  /// The axes of a value; nil where nothing is known of it.
  func axes(_ value: ValueID) -> [AxisAtoms]? { known[value] }

  private mutating func newChannels(_ count: Int) -> [AxisAtom] {
    channelSets += 1
    return count == 1 ? [] : [AxisAtom(.channels(channelSets), count)]
  }

  /// [1, C, H, W]
  private mutating func planar(_ shape: Shape) -> [AxisAtoms]? {
    guard shape.rank == 4, shape[0] == 1 else { return nil }
    return [[], newChannels(shape[1]), whole(.rows, shape[2]), whole(.columns, shape[3])]
  }

  private func whole(_ meaning: AxisMeaning, _ count: Int) -> [AxisAtom] {
    count == 1 ? [] : [AxisAtom(meaning, count)]
  }

  private mutating func follow(_ node: Node) {
    for case let output? in node.outputs {
      guard let shape = graph.values[output].type?.shape, let axes = axes(of: node, shape), axes.count == shape.rank
      else { continue }
      known[output] = axes
    }
  }

  private mutating func axes(of node: Node, _ to: Shape) -> [AxisAtoms]? {
    guard let first = node.inputs.first ?? nil, let from = graph.values[first].type?.shape else { return nil }
    let before = known[first]
    switch node.op {
    case let op as Transpose:
      let order = op.permutation ?? Array((0..<from.rank).reversed())
      return before.flatMap { axes in order.count == axes.count ? order.map { axes[$0] } : nil }
    case is Concat: return concatenated(node, to)
    case is MatMul: return product(node, to)
    case let op as Reduce: return before.flatMap { reduced($0, op, node, from) }
    case let op as Gather where to.rank == from.rank - 1:
      return before.map { axes in axes.indices.filter { $0 != (op.axis + from.rank) % from.rank }.map { axes[$0] } }
    case is Gemm: return before.map { [$0.first ?? nil, newChannels(to[1])] }
    default: break
    }
    if node.op.keepsElements { return before.flatMap { reshaped($0, from, to) } }
    if node.op.window(graph.inputShapes(of: node)) != nil || node.op.kind == .convolution || node.op.kind == .pooling {
      return convolved(node, before, from, to)
    }
    return aligned(node, to) ?? before.flatMap { resized($0, from, to) }
  }

  // MARK: Kinds of operators

  /// A window over the last two axes: rows and columns stay what they are, the channels are new ones.
  private mutating func convolved(_ node: Node, _ before: [AxisAtoms]?, _ from: Shape, _ to: Shape) -> [AxisAtoms]? {
    guard from.rank == 4, to.rank == 4, to[0] == 1 else { return nil }
    // What nothing is known of is taken for what convolutions are made for.
    guard let before, before[2] != nil, before[3] != nil else { return planar(to) }
    func moved(_ atoms: AxisAtoms, _ meaning: AxisMeaning, _ count: Int) -> AxisAtoms {
      guard let atoms, atoms.allSatisfy({ $0.meaning == meaning && $0.isWhole }) else { return nil }
      return whole(meaning, count)
    }
    return [[], newChannels(to[1]), moved(before[2], .rows, to[2]), moved(before[3], .columns, to[3])]
  }

  /// Operators on single elements: of the inputs that are broadcast, each axis from one that has it, and rather from one that has places.
  private func aligned(_ node: Node, _ to: Shape) -> [AxisAtoms]? {
    var axes: [AxisAtoms] = to.dimensions.map { $0 == 1 ? [] : nil }
    let inputs = node.inputs.compactMap { $0 }.filter { known[$0] != nil }
    guard !inputs.isEmpty else { return nil }
    for input in inputs {
      guard let atoms = known[input], let shape = graph.values[input].type?.shape, shape.rank <= to.rank else {
        return nil
      }
      let missing = to.rank - shape.rank
      for axis in 0..<shape.rank {
        guard shape[axis] == to[axis + missing] else {
          if shape[axis] != 1 { return nil }
          continue
        }
        let (mine, its) = (axes[axis + missing], atoms[axis])
        if mine == nil || (!hasPlaces(mine) && hasPlaces(its)) { axes[axis + missing] = its }
      }
    }
    return axes
  }

  private func hasPlaces(_ atoms: AxisAtoms) -> Bool {
    atoms?.contains { $0.meaning == .rows || $0.meaning == .columns } ?? false
  }

  /// Operators that take away, cut, or fill up axes, each for itself.
  private mutating func resized(_ before: [AxisAtoms], _ from: Shape, _ to: Shape) -> [AxisAtoms]? {
    guard from.rank == to.rank else { return nil }
    return (0..<to.rank).map { axis in
      if from[axis] == to[axis] { return before[axis] }
      return shortened(before[axis], to[axis])
    }
  }

  /// A whole axis with another extent.
  private mutating func shortened(_ atoms: AxisAtoms, _ count: Int) -> AxisAtoms {
    if count == 1 { return [] }
    guard let atoms, atoms.count <= 1 else { return nil }
    guard let atom = atoms.first else { return newChannels(count) }
    guard atom.isWhole else { return nil }
    if case .channels = atom.meaning { return newChannels(count) }
    return whole(atom.meaning, count)
  }

  /// Sums and means along known axes.
  private func reduced(_ before: [AxisAtoms], _ op: Reduce, _ node: Node, _ from: Shape) -> [AxisAtoms]? {
    let constant = node.inputs.count > 1 ? node.inputs[1].flatMap { graph.values[$0].constant } : nil
    let given = op.axes ?? constant.map { tensor in tensor.view.elements(as: Int64.self).map { Int($0) } } ?? []
    guard constant.map({ $0.type == .int64 }) ?? true, given.allSatisfy({ (-from.rank..<from.rank).contains($0) })
    else {
      return nil
    }
    if given.isEmpty && op.doesNothingWithoutAxes { return before }
    let axes = given.isEmpty ? Set(0..<from.rank) : Set(given.map { $0 < 0 ? $0 + from.rank : $0 })
    return before.indices.compactMap { axis -> AxisAtoms? in
      axes.contains(axis) ? (op.keepsAxes ? .some([]) : nil) : .some(before[axis])
    }
  }

  private mutating func concatenated(_ node: Node, _ to: Shape) -> [AxisAtoms]? {
    let inputs = node.inputs.compactMap { $0 }
    guard let first = inputs.first, let shape = graph.values[first].type?.shape else { return nil }
    let all = inputs.map { known[$0] }
    guard let some = all.compactMap({ $0 }).first else { return nil }
    return (0..<to.rank).map { axis -> AxisAtoms in
      guard shape[axis] != to[axis] else { return some[axis] }
      let parts = all.map { $0.flatMap { $0[axis] } }
      guard parts.allSatisfy({ $0 != nil }) else { return nil }
      let atoms = parts.compactMap { $0 }.flatMap { $0 }
      let meanings = Set(atoms.map(\.meaning))
      if meanings.count == 1, let meaning = meanings.first, meaning == .rows || meaning == .columns {
        return whole(meaning, to[axis])
      }
      return meanings.contains(.rows) || meanings.contains(.columns) ? nil : newChannels(to[axis])
    }
  }

  /// Rows from the left factor; columns are new channels.
  private mutating func product(_ node: Node, _ to: Shape) -> [AxisAtoms]? {
    guard node.op is MatMul, let left = node.inputs[0], let right = node.inputs[1],
      let shape = graph.values[left].type?.shape,
      shape.rank == to.rank, to.rank >= 2
    else { return nil }
    guard let before = known[left] else { return nil }
    var axes = before
    let columns = known[right]?.last
    axes[to.rank - 1] =
      columns.flatMap { $0 }.flatMap { hasPlaces($0) ? $0 : nil } ?? newChannels(to[to.rank - 1])
    for axis in 0..<to.rank - 2 where shape[axis] != to[axis] { axes[axis] = nil }
    return axes
  }

  /// The same elements under other extents: groups of axes with the same product are cut and joined.
  private func reshaped(_ before: [AxisAtoms], _ from: Shape, _ to: Shape) -> [AxisAtoms]? {
    guard from.count == to.count, from.count > 0, before.count == from.rank else { return nil }
    var result = [AxisAtoms](repeating: nil, count: to.rank)
    var (read, written) = (from.rank - 1, to.rank - 1)
    // From the innermost axis on; `rest` is what the last input axis has left.
    var rest: AxisAtoms = []
    var left = 1
    while written >= 0 {
      var (needed, atoms) = (to[written], AxisAtoms.some([]))
      while needed > 1 {
        if left == 1 {
          guard read >= 0 else { return nil }
          (rest, left) = (before[read], from[read])
          read -= 1
          continue
        }
        let step = left <= needed ? left : needed
        guard needed % step == 0, left % step == 0 else { return nil }
        let parts = rest?.split(inner: step)
        atoms = parts.flatMap { parts in atoms.map { parts.inner + $0 } }
        rest = parts?.outer
        (needed, left) = (needed / step, left / step)
      }
      result[written] = atoms?.normalised
      written -= 1
    }
    return result
  }
}
