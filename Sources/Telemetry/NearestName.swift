/// The name among `candidates` that is most likely meant by `name`, or nil when none is close:
/// at most a third of the letters wrong, by optimal string alignment distance without regard to case.
package func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().utf8)
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased().utf8)
    var distance = editDistance(wanted, letters)
    // A beginning of a name is meant to be that name.
    if wanted.count >= 3 && letters.starts(with: wanted) { distance = min(distance, 1) }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(1, max(wanted.count, best.name.utf8.count) / 3) else { return nil }
  return best.name
}

/// `; did you mean 'X'?` with the nearest name, or nothing.
package func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
  nearestName(to: name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
}

/// Insertions, deletions, substitutions and swaps of neighbours that lead from `a` to `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  // Longer names are no typing errors, and the cost is quadratic.
  guard a.count <= 200, b.count <= 200 else { return a == b ? 0 : max(a.count, b.count) }
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var current = [i + 1]
    for (j, other) in b.enumerated() {
      var cost = min(previous[j] + (letter == other ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
      if i > 0 && j > 0 && letter == b[j - 1] && a[i - 1] == other { cost = min(cost, beforePrevious[j - 1] + 1) }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
