/// What an axis of a value runs over, or a part of that.
enum AxisMeaning: Hashable {
  case rows, columns
  /// Channels, heads, and whatever else is no place of the picture. Each computed set of channels has a number of its own.
  case channels(Int)
}

/// A factor of an axis: `count` steps over something that has `whole` places, `stride` places apart.
///
/// Most axes are one atom. Windowed attention cuts rows into windows and rows inside them: 56 rows are the atoms (7 apart, 8 of them) and
/// (1 apart, 7 of them), which may lie on two axes and meet again later.
struct AxisAtom: Hashable {
  var meaning: AxisMeaning
  var whole: Int
  var stride: Int
  var count: Int

  init(_ meaning: AxisMeaning, _ count: Int) { (self.meaning, whole, stride, self.count) = (meaning, count, 1, count) }

  /// All places, in their order.
  var isWhole: Bool { stride == 1 && count == whole }

  /// The outer and inner part, when the inner one is to have `inner` steps; nil where that does not divide.
  func split(inner: Int) -> (outer: AxisAtom, inner: AxisAtom)? {
    guard inner > 0, count % inner == 0 else { return nil }
    var (far, near) = (self, self)
    (far.stride, far.count) = (stride * inner, count / inner)
    near.count = inner
    return (far, near)
  }

  /// Both as one, when `next` runs inside each step of this one.
  func joined(_ next: AxisAtom) -> AxisAtom? {
    guard meaning == next.meaning, whole == next.whole, stride == next.stride * next.count else { return nil }
    var joined = next
    joined.count = count * next.count
    return joined
  }
}

/// One axis: its atoms, outermost first; none for an extent of 1, nil where it is not known what the axis runs over.
typealias AxisAtoms = [AxisAtom]?

extension [AxisAtom] {
  /// Neighbours that belong together joined.
  var normalised: [AxisAtom] {
    var result: [AxisAtom] = []
    for atom in self where atom.count != 1 {
      if let last = result.last, let joined = last.joined(atom) {
        result[result.count - 1] = joined
      } else {
        result.append(atom)
      }
    }
    return result
  }

  /// The atoms of the last `inner` steps, and of what is before; nil where an atom would have to be cut unevenly.
  func split(inner: Int) -> (outer: [AxisAtom], inner: [AxisAtom])? {
    var (outer, taken, product) = (self, [AxisAtom](), 1)
    while product < inner {
      guard let last = outer.popLast(), inner % product == 0 else { return nil }
      let wanted = inner / product
      if last.count <= wanted {
        taken.insert(last, at: 0)
        product *= last.count
      } else {
        guard let parts = last.split(inner: wanted) else { return nil }
        outer.append(parts.outer)
        taken.insert(parts.inner, at: 0)
        product *= wanted
      }
    }
    return product == inner ? (outer, taken) : nil
  }
}
