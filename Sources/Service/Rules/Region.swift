import Foundation
import Imaging

/// A part of the picture with straight edges.
package struct Region: Sendable, Equatable {
  /// As shares of the picture's width and height.
  package let corners: [RegionPoint]

  package init(_ corners: [RegionPoint]) { self.corners = corners }

  /// Whether a place lies inside: a ray from it to the right crosses the edges an odd number of times.
  package func contains(x: Double, y: Double) -> Bool {
    var isInside = false
    var before = corners.count - 1
    for index in corners.indices {
      let (a, b) = (corners[index], corners[before])
      if (a.y > y) != (b.y > y), x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { isInside.toggle() }
      before = index
    }
    return isInside
  }

  /// The share of a map's heat that lies inside.
  /// - Parameters:
  ///   - heat: [rows, columns], none below 0.
  ///   - place: where a position of the map, both 0…1 of the network's input, lies on the picture, as shares of its sides.
  /// - Returns: 0 for a map without heat.
  package func share(
    of heat: UnsafeBufferPointer<Float>, rows: Int, columns: Int, _ place: (Double, Double) -> (x: Double, y: Double)
  ) -> Double {
    var (inside, all) = (0.0, 0.0)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = Double(max(heat[row * columns + column], 0))
        guard value > 0, value.isFinite else { continue }
        all += value
        let point = place((Double(column) + 0.5) / Double(columns), (Double(row) + 0.5) / Double(rows))
        if contains(x: point.x, y: point.y) { inside += value }
      }
    }
    return all > 0 ? inside / all : 0
  }
}
