"""Conferences: planning, agenda, invitations, calendar files."""
